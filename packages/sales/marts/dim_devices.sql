-- A device is known from its purchase or from its first allocation, whichever came to us.
select
  device.device_key,
  device.device_id,
  device.product_key,
  product.product_name,
  device.namespace
from
  sales.device
  join sales.product using (product_key)
