-- A device is held by the location it was last allocated to; the next allocation of the device ends it.
select
  allocation.allocation_id,
  allocation.device_key,
  device.device_id,
  allocation.product_key,
  product.product_name,
  allocation.agent_key,
  agent.agent_id,
  allocation.location_key,
  location.location_id,
  allocation.customer_key,
  customer.customer_id,
  customer.customer_name,
  allocation.currency,
  allocation.price,
  allocation.allocated_at,
  platform.local_date (allocation.allocated_at) as allocated_on,
  lower(allocation.valid) as valid_from,
  upper(allocation.valid) as valid_to
from
  sales.allocation
  join sales.device on device.device_key = allocation.device_key
  join sales.product on product.product_key = allocation.product_key
  join sales.agent on agent.agent_key = allocation.agent_key
  join sales.location on location.location_key = allocation.location_key
  join sales.customer on customer.customer_key = allocation.customer_key
