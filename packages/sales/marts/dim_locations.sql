-- A location stands where its newest registration says, and belongs to the customer named there.
select
  location.location_key,
  location.location_id,
  location.customer_key,
  customer.customer_id,
  customer.customer_name,
  location.address,
  location.latitude,
  location.longitude,
  location.namespace,
  location.registered_at
from
  sales.location
  join sales.customer using (customer_key)
