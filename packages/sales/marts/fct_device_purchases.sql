-- What a device cost us, on the day it was bought; its sale price is another fact.
select
  purchase.purchase_id,
  purchase.device_key,
  device.device_id,
  product.product_name as product,
  purchase.currency,
  purchase.price as amount,
  purchase.purchased_at,
  platform.local_date (purchase.purchased_at) as purchased_on
from
  sales.purchase
  join sales.device on device.device_key = purchase.device_key
  join sales.product on product.product_key = purchase.product_key
