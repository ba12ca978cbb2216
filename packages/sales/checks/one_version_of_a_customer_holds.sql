-- Of a customer's versions one holds at a time.
with
  ordered as (
    select
      customer_key,
      valid,
      lead(valid) over (
        partition by
          customer_key
        order by
          lower(valid)
      ) as next
    from
      sales.customer_history
  )
select
  customer_key,
  valid,
  next
from
  ordered
where
  valid && next
