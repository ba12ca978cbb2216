-- Every day of every year that has a fact, and of the year after it, in which plans and forecasts find their days.
with
  extremes as (
    select
      min(fct_allocations.allocated_on) as first_day,
      max(fct_allocations.allocated_on) as last_day
    from
      marts.fct_allocations
    union all
    select
      min(fct_payments.received_on),
      max(fct_payments.received_on)
    from
      marts.fct_payments
    union all
    select
      min(fct_expected_payments.due_on),
      max(fct_expected_payments.due_on)
    from
      marts.fct_expected_payments
    union all
    select
      min(fct_device_purchases.purchased_on),
      max(fct_device_purchases.purchased_on)
    from
      marts.fct_device_purchases
    union all
    select
      min(fct_monthly_device_plays.month),
      max(fct_monthly_device_plays.month)
    from
      marts.fct_monthly_device_plays
  ),
  bounds as (
    select
      platform.period ('year', min(extremes.first_day)) as first_day,
      (platform.period ('year', max(extremes.last_day)) + interval '2 years')::date - 1 as last_day
    from
      extremes
  ),
  days as (
    select
      bounds.first_day + series.n as calendar_date
    from
      bounds
      cross join lateral generate_series(0, bounds.last_day - bounds.first_day) as series (n)
  )
select
  days.calendar_date,
  to_char(days.calendar_date, 'FMDay') as day_name,
  to_char(days.calendar_date, 'FMMonth') as month_name,
  to_char(days.calendar_date, 'YYYY-MM') as month_label,
  to_char(days.calendar_date, 'YYYY-"Q"Q') as quarter_label,
  extract(
    isodow
    from
      days.calendar_date
  )::integer as day_of_week,
  extract(
    day
    from
      days.calendar_date
  )::integer as day_of_month,
  extract(
    doy
    from
      days.calendar_date
  )::integer as day_of_year,
  extract(
    week
    from
      days.calendar_date
  )::integer as iso_week,
  extract(
    isoyear
    from
      days.calendar_date
  )::integer as iso_year,
  extract(
    month
    from
      days.calendar_date
  )::integer as month_of_year,
  extract(
    quarter
    from
      days.calendar_date
  )::integer as quarter_of_year,
  extract(
    year
    from
      days.calendar_date
  )::integer as calendar_year,
  extract(
    isodow
    from
      days.calendar_date
  ) >= 6 as is_weekend,
  platform.period ('week', days.calendar_date) as week_starts_on,
  platform.period ('month', days.calendar_date) as month_starts_on,
  (platform.period ('month', days.calendar_date) + interval '1 month')::date - 1 as month_ends_on,
  platform.period ('quarter', days.calendar_date) as quarter_starts_on,
  platform.period ('year', days.calendar_date) as year_starts_on
from
  days
