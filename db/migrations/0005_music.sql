-- Up Migration
create schema music;

comment on schema music is 'Songs, who made them, and every time one was played.';

create table music.song_publication (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  song_key uuid not null,
  song_id text not null,
  song_name text not null,
  artist_key uuid not null,
  artist_name text not null,
  album_key uuid,
  album_name text,
  length_s numeric not null,
  size_mb numeric,
  constraint song_publication_pkey primary key (log_id)
);

create index song_publication_song_idx on music.song_publication (song_key);

create index song_publication_artist_idx on music.song_publication (artist_key);

create index song_publication_album_idx on music.song_publication (album_key);

create table music.song_removal (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  song_key uuid not null,
  song_id text not null,
  constraint song_removal_pkey primary key (log_id)
);

create index song_removal_song_idx on music.song_removal (song_key);

create table music.artist (
  artist_key uuid not null,
  namespace text not null,
  artist_name text not null,
  constraint artist_pkey primary key (artist_key),
  constraint artist_natural_key unique (namespace, artist_name)
);

create table music.album (
  album_key uuid not null,
  namespace text not null,
  artist_key uuid not null,
  album_name text not null,
  constraint album_pkey primary key (album_key),
  constraint album_natural_key unique (artist_key, album_name),
  constraint album_artist_fkey foreign key (artist_key) references music.artist (artist_key)
  deferrable initially deferred
);

create table music.song (
  song_key uuid not null,
  namespace text not null,
  song_id text not null,
  song_name text not null,
  artist_key uuid not null,
  album_key uuid,
  length_s numeric not null,
  size_mb numeric,
  published_at timestamptz not null,
  is_removed boolean not null,
  removed_at timestamptz,
  constraint song_pkey primary key (song_key),
  constraint song_natural_key unique (namespace, song_id),
  constraint song_artist_fkey foreign key (artist_key) references music.artist (artist_key)
  deferrable initially deferred,
  constraint song_album_fkey foreign key (album_key) references music.album (album_key)
  deferrable initially deferred
);

comment on table music.song is 'One row per song ever published; a removal marks it, a later publication brings it back.';

create table music.play (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  device_key uuid not null,
  device_id text,
  song_key uuid not null,
  song_id text not null,
  completed boolean,
  listened_s numeric,
  constraint play_pkey primary key (log_id, device_key)
);

comment on table music.play is 'Every listening. device_key is platform.nobody() where the event names no device: it counts, unattributed.';

create index play_device_idx on music.play (device_key, occurred_at);

-- Only these plays depend on their song's length.
create index play_song_idx on music.play (song_key)
where
  completed is null;

-- Down Migration
drop schema music cascade;
