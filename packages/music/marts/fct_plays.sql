-- Every listening counts. It was completed when its event says so, or when as many seconds were heard as the song has.
select
  play.log_id as play_id,
  play.device_id,
  play.song_id,
  song.song_name,
  coalesce(play.completed, play.listened_s >= song.length_s) as is_completed,
  play.listened_s,
  play.device_key <> platform.nobody () as has_device,
  song.song_key is not null as is_song_known,
  play.occurred_at as played_at,
  platform.local_date (play.occurred_at) as played_on
from
  music.play
  left join music.song on song.song_key = play.song_key
