-- Sales of a made-up shop, by day and product.
select
  platform.local_date (sale.sold_at) as day,
  sale.product_id,
  count(*)::integer as sales,
  sum(sale.amount) as amount,
  max(sale.sold_at) as last_sold_at
from
  bench.sale
group by
  1,
  2
