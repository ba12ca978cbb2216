-- What part of which payment pays which allocation, counted from the day both were there.
select
  payment_application.payment_key,
  payment_application.allocation_id,
  allocation.currency,
  payment_application.amount,
  greatest(payment_application.paid_at, allocation.allocated_at) as applied_at,
  platform.local_date (greatest(payment_application.paid_at, allocation.allocated_at)) as applied_on
from
  sales.payment_application
  join sales.allocation on allocation.allocation_id = payment_application.allocation_id
