-- An allocation's price is expected on its day, or in equal instalments by its payment terms; what does not divide goes to the earlier ones.
with
  terms as (
    select
      allocation.allocation_id,
      allocation.currency,
      allocation.price,
      coalesce(allocation.instalments, 1) as instalments,
      platform.minor_unit (allocation.currency) as unit,
      coalesce(allocation.first_due, platform.local_date (allocation.allocated_at)) as first_due,
      case allocation.instalment_interval
        when 'week' then interval '7 days'
        when 'quarter' then interval '3 months'
        when 'year' then interval '1 year'
        else interval '1 month'
      end as step
    from
      sales.allocation
  ),
  divided as (
    select
      terms.allocation_id,
      terms.currency,
      terms.price,
      terms.instalments,
      terms.unit,
      terms.first_due,
      terms.step,
      div(terms.price, terms.unit * terms.instalments) * terms.unit as part
    from
      terms
  ),
  rests as (
    select
      divided.allocation_id,
      divided.currency,
      divided.price,
      divided.instalments,
      divided.unit,
      divided.first_due,
      divided.step,
      divided.part,
      divided.price - divided.part * divided.instalments as rest
    from
      divided
  )
select
  rests.allocation_id,
  instalment.n as instalment,
  rests.currency,
  trim_scale(
    rests.part + case
      when instalment.n <= div(rests.rest, rests.unit) then rests.unit
      else 0
    end + case
      when instalment.n = 1 then rests.rest - div(rests.rest, rests.unit) * rests.unit
      else 0
    end
  ) as amount,
  (rests.first_due + (instalment.n - 1) * rests.step)::date as due_on
from
  rests
  cross join lateral generate_series(1, rests.instalments) as instalment (n)
