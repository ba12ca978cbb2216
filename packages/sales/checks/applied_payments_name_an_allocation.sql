-- What a payment is applied to is an allocation that stands.
select
  payment_application.payment_key,
  payment_application.allocation_id
from
  sales.payment_application
  left join sales.allocation using (allocation_id)
where
  allocation.allocation_id is null
