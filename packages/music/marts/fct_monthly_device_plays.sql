-- Plays per month and device, given to the allocation that held the device at the time of the play; before the first, to nobody.
select
  platform.period ('month', platform.local_date (play.occurred_at)) as month,
  play.device_key,
  coalesce(allocation.allocation_id, platform.nobody ()) as allocation_id,
  max(play.device_id) as device_id,
  count(*) as plays,
  count(*) filter (
    where
      coalesce(play.completed, play.listened_s >= song.length_s)
  ) as completed_plays
from
  music.play
  left join marts.fct_allocations as allocation on allocation.device_key = play.device_key
  and play.occurred_at >= allocation.valid_from
  and (
    allocation.valid_to is null
    or play.occurred_at < allocation.valid_to
  )
  left join music.song on song.song_key = play.song_key
group by
  1,
  2,
  3
