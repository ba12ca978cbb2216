-- The daily sums of a currency are the sum of its payments.
with
  by_day as (
    select
      fct_daily_cash_received.currency,
      sum(fct_daily_cash_received.amount) as amount
    from
      marts.fct_daily_cash_received
    group by
      fct_daily_cash_received.currency
  ),
  by_payment as (
    select
      fct_payments.currency,
      sum(fct_payments.amount) as amount
    from
      marts.fct_payments
    group by
      fct_payments.currency
  )
select
  currency,
  by_day.amount as by_day,
  by_payment.amount as by_payment
from
  by_day
  full join by_payment using (currency)
where
  by_day.amount is distinct from by_payment.amount
