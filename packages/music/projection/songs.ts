import type { BulkPart } from "@jukebase/platform";

const touchedSongs = "(select key from touched where kind = 'song')";

const publications = `insert into song_publication (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, song_key, song_id, song_name, artist_key, artist_name,
  album_key, album_name, length_s, size_mb
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('song', namespace, song_id), song_id, song_name,
  platform.entity_key('artist', namespace, artist_name), artist_name,
  platform.entity_key('album', namespace, artist_name || chr(31) || album_name), album_name, song_length, song_size_mb
from incoming_music_song_published`;

const removals = `insert into song_removal (log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, song_key, song_id)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('song', namespace, song_id), song_id
from incoming_music_song_removed`;

/** What was said of songs, and every song, artist and album that it speaks of. */
export const songsInBulk: BulkPart = {
  facts: [publications, removals],
  touched: [
    `select distinct spoken.kind, spoken.key
     from song_publication
     cross join lateral (values ('song', song_key), ('artist', artist_key), ('album', album_key)) as spoken (kind, key)
     where spoken.key is not null`,
    "select distinct 'song', song_key from song_removal",
  ],
};

/** Songs are removed softly and come back when published again; artists and albums exist while a publication names them. */
export const songs: readonly string[] = [
  `with gone as (
     delete from song_publication
     where log_id in (select log_id from withdrawn where type = 'Music.SongPublished')
     returning song_key, artist_key, album_key
   )
   insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from gone
   cross join lateral (values ('song', song_key), ('artist', artist_key), ('album', album_key)) as spoken (kind, key)
   where spoken.key is not null
   on conflict do nothing`,

  `with gone as (
     delete from song_removal
     where log_id in (select log_id from withdrawn where type = 'Music.SongRemoved')
     returning song_key
   )
   insert into touched (kind, key)
   select distinct 'song', song_key
   from gone
   on conflict do nothing`,

  `with fresh as (
     ${publications}
     returning song_key, artist_key, album_key
   )
   insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from fresh
   cross join lateral (values ('song', song_key), ('artist', artist_key), ('album', album_key)) as spoken (kind, key)
   where spoken.key is not null
   on conflict do nothing`,

  `with fresh as (
     ${removals}
     returning song_key
   )
   insert into touched (kind, key)
   select distinct 'song', song_key
   from fresh
   on conflict do nothing`,

  `insert into rechecked (log_id)
   select log_id
   from song_removal
   where song_key in ${touchedSongs}
   on conflict do nothing`,

  `insert into waits (log_id, needs_kind, needs_id, needs_key)
   select log_id, 'song', song_id, song_key
   from song_removal as fact
   where song_key in ${touchedSongs}
     and not exists (select from song_publication where song_publication.song_key = fact.song_key)
   on conflict do nothing`,

  `insert into artist (artist_key, namespace, artist_name)
   select distinct artist_key, namespace, artist_name
   from song_publication
   where artist_key in (select key from touched where kind = 'artist')
   on conflict do nothing`,

  `insert into album (album_key, namespace, artist_key, album_name)
   select distinct album_key, namespace, artist_key, album_name
   from song_publication
   where album_key in (select key from touched where kind = 'album')
   on conflict do nothing`,

  `delete from song
   where song_key in ${touchedSongs}
     and not exists (select from song_publication as fact where fact.song_key = song.song_key)`,

  // The song is what its newest publication says; it is removed when the newest of all that was said of it is a removal.
  `with published as (
     select distinct on (song_key)
       song_key, namespace, song_id, song_name, artist_key, album_key, length_s, size_mb, occurred_at, source, event_id
     from song_publication
     where song_key in ${touchedSongs}
     order by song_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
   ),
   removed as (
     select distinct on (song_key)
       song_key, occurred_at, source, event_id
     from song_removal
     where song_key in ${touchedSongs}
     order by song_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
   ),
   judged as (
     select
       published.*,
       coalesce(
         (removed.occurred_at, removed.source collate "C", removed.event_id collate "C")
           > (published.occurred_at, published.source collate "C", published.event_id collate "C"),
         false
       ) as is_removed,
       removed.occurred_at as last_removed_at
     from published
     left join removed using (song_key)
   )
   insert into song as known (
     song_key, namespace, song_id, song_name, artist_key, album_key, length_s, size_mb, published_at, is_removed, removed_at
   )
   select
     song_key, namespace, song_id, song_name, artist_key, album_key, length_s, size_mb, occurred_at, is_removed,
     case when is_removed then last_removed_at end
   from judged
   on conflict (song_key) do update set
     song_name = excluded.song_name, artist_key = excluded.artist_key, album_key = excluded.album_key, length_s = excluded.length_s,
     size_mb = excluded.size_mb, published_at = excluded.published_at, is_removed = excluded.is_removed, removed_at = excluded.removed_at
   where known is distinct from excluded`,

  `delete from album
   where album_key in (select key from touched where kind = 'album')
     and not exists (select from song_publication as fact where fact.album_key = album.album_key)`,

  `delete from artist
   where artist_key in (select key from touched where kind = 'artist')
     and not exists (select from song_publication as fact where fact.artist_key = artist.artist_key)`,
];
