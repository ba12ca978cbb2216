-- Between two days of the calendar lies no other.
with
  ordered as (
    select
      dim_dates.calendar_date,
      lead(dim_dates.calendar_date) over (
        order by
          dim_dates.calendar_date
      ) as next_date
    from
      marts.dim_dates
  )
select
  ordered.calendar_date,
  ordered.next_date
from
  ordered
where
  ordered.next_date <> ordered.calendar_date + 1
