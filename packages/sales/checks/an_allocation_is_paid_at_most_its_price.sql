-- No allocation is paid more than its price: the excess is credit.
select
  fct_sales.allocation_id,
  fct_sales.price,
  fct_sales.paid
from
  marts.fct_sales
where
  fct_sales.paid > fct_sales.price
