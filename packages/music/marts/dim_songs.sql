-- A song is what its newest publication says; a removed one stays, marked.
select
  song.song_key,
  song.song_id,
  song.song_name,
  artist.artist_name,
  album.album_name,
  song.length_s,
  song.size_mb,
  song.is_removed,
  song.published_at,
  song.removed_at
from
  music.song
  join music.artist on artist.artist_key = song.artist_key
  left join music.album on album.album_key = song.album_key
