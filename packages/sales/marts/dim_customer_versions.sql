-- What was known of a customer when: each registration holds until the next one.
select
  customer_history.customer_key,
  customer.customer_id,
  customer_history.customer_name,
  lower(customer_history.valid) as valid_from,
  upper(customer_history.valid) as valid_to
from
  sales.customer_history
  join sales.customer using (customer_key)
