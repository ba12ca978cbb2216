-- A song is marked removed exactly when the instant of its removal is known.
select
  song.song_id,
  song.is_removed,
  song.removed_at
from
  music.song
where
  song.is_removed <> (song.removed_at is not null)
