-- Plays per month and agent, by the allocations that held the devices: all of them, those of sold devices, and the most on one device alone.
-- Plays that no allocation accounts for stand under nobody.
with
  of_devices as (
    select
      plays.month,
      coalesce(allocation.agent_key, platform.nobody ()) as agent_key,
      plays.device_key,
      sum(plays.plays) as plays,
      sum(plays.completed_plays) as completed_plays,
      coalesce(
        sum(plays.plays) filter (
          where
            sale.status = 'sold'
        ),
        0
      ) as sold_plays,
      coalesce(
        sum(plays.completed_plays) filter (
          where
            sale.status = 'sold'
        ),
        0
      ) as sold_completed_plays
    from
      marts.fct_monthly_device_plays as plays
      left join marts.fct_allocations as allocation on allocation.allocation_id = plays.allocation_id
      left join marts.fct_sales as sale on sale.allocation_id = plays.allocation_id
    group by
      1,
      2,
      3
  )
select
  of_devices.month,
  of_devices.agent_key,
  count(*)::integer as devices,
  sum(of_devices.plays)::bigint as plays,
  sum(of_devices.completed_plays)::bigint as completed_plays,
  sum(of_devices.sold_plays)::bigint as sold_plays,
  sum(of_devices.sold_completed_plays)::bigint as sold_completed_plays,
  max(of_devices.plays)::bigint as most_plays,
  max(of_devices.completed_plays)::bigint as most_completed_plays,
  max(of_devices.sold_plays)::bigint as most_sold_plays,
  max(of_devices.sold_completed_plays)::bigint as most_sold_completed_plays
from
  of_devices
group by
  of_devices.month,
  of_devices.agent_key
