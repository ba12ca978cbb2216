-- The monthly counts add up to the plays there are.
with
  counted as (
    select
      sum(fct_monthly_device_plays.plays) as plays
    from
      marts.fct_monthly_device_plays
  ),
  played as (
    select
      count(*) as plays
    from
      music.play
  )
select
  counted.plays as counted,
  played.plays as played
from
  counted
  cross join played
where
  coalesce(counted.plays, 0) <> played.plays
