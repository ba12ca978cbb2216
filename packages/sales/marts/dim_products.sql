-- A product is what devices are instances of: known by its own id where senders give one, else by its name.
select
  product.product_key,
  product.product_id,
  product.product_name,
  product.namespace
from
  sales.product
