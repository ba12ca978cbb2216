-- Cash by day without a gap: from the first day that has any to the last, each currency has every day, and nothing is nought.
with
  spans as (
    select
      fct_daily_cash_expected.business_date,
      fct_daily_cash_expected.currency
    from
      marts.fct_daily_cash_expected
    union
    select
      fct_daily_cash_received.received_on,
      fct_daily_cash_received.currency
    from
      marts.fct_daily_cash_received
    union
    select
      fct_daily_cash_spent.spent_on,
      fct_daily_cash_spent.currency
    from
      marts.fct_daily_cash_spent
  ),
  bounds as (
    select
      min(spans.business_date) as first_day,
      max(spans.business_date) as last_day
    from
      spans
  ),
  currencies as (
    select distinct
      spans.currency
    from
      spans
  ),
  spine as (
    select
      dim_dates.calendar_date as business_date,
      currencies.currency
    from
      bounds
      join marts.dim_dates on dim_dates.calendar_date between bounds.first_day and bounds.last_day
      cross join currencies
  )
select
  spine.business_date,
  spine.currency,
  coalesce(received.payments, 0) as payments,
  coalesce(received.amount, 0) as received,
  coalesce(received.unattributed, 0) as unattributed,
  coalesce(spent.purchases, 0) as purchases,
  coalesce(spent.amount, 0) as spent,
  coalesce(expected.expected, 0) as expected,
  sum(coalesce(expected.outstanding_change, 0)) over (
    partition by
      spine.currency
    order by
      spine.business_date
  ) as outstanding
from
  spine
  left join marts.fct_daily_cash_received as received on received.received_on = spine.business_date
  and received.currency = spine.currency
  left join marts.fct_daily_cash_spent as spent on spent.spent_on = spine.business_date
  and spent.currency = spine.currency
  left join marts.fct_daily_cash_expected as expected on expected.business_date = spine.business_date
  and expected.currency = spine.currency
