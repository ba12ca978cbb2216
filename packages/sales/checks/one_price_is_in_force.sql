-- Of a product's prices of one kind in one currency, one is in force at a time.
with
  ordered as (
    select
      product_key,
      kind,
      currency,
      valid,
      lead(valid) over (
        partition by
          product_key,
          kind,
          currency
        order by
          lower(valid)
      ) as next
    from
      sales.price_history
  )
select
  product_key,
  kind,
  currency,
  valid,
  next
from
  ordered
where
  valid && next
