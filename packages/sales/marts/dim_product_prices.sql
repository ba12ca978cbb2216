-- What a product was sold and bought for when: a price holds until another is heard of.
select
  price_history.product_key,
  product.product_name,
  price_history.kind,
  price_history.currency,
  price_history.price,
  lower(price_history.valid) as valid_from,
  upper(price_history.valid) as valid_to
from
  sales.price_history
  join sales.product using (product_key)
