-- Cash is spent the day a device is purchased, at its purchase price.
select
  fct_device_purchases.purchased_on as spent_on,
  fct_device_purchases.currency,
  count(*) as purchases,
  sum(fct_device_purchases.amount) as amount
from
  marts.fct_device_purchases
group by
  fct_device_purchases.purchased_on,
  fct_device_purchases.currency
