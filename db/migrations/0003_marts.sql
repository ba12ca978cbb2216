-- Up Migration
create schema marts;

comment on schema marts is 'Documented, tested relations for reports and BI; each is a view. Stable names, exact at the position they record.';

create schema marts_store;

comment on schema marts_store is 'What the marts stand on: one relation per mart and definition, its dirty marks, and the registry. Not for readers.';

create table marts_store.mart (
  name text not null,
  store text not null,
  hash text not null,
  documentation_hash text not null,
  kind text not null,
  key text[] not null,
  bucket text[] not null,
  columns text[] not null,
  upstream text[] not null,
  marked_by text[] not null,
  projections text[] not null,
  grain text not null,
  owner text not null,
  freshness_s integer not null,
  positions jsonb not null default '{}',
  rows bigint,
  rows_changed bigint,
  duration_ms bigint,
  status text not null default 'current',
  error text,
  stale boolean not null default false,
  built_at timestamptz not null default clock_timestamp(),
  refreshed_at timestamptz,
  constraint mart_pkey primary key (name),
  constraint mart_store_key unique (store),
  constraint mart_kind_is_known check (kind in ('view', 'materialized', 'rollup')),
  constraint mart_status_is_known check (status in ('current', 'failed')),
  constraint mart_failed_has_error check ((status = 'failed') = (error is not null))
);

comment on table marts_store.mart is 'Every mart as built: its store, the positions it is exact at, how its last refresh went.';

comment on column marts_store.mart.upstream is 'The marts that its SELECT reads.';

comment on column marts_store.mart.marked_by is 'Materialized views beneath it: they have no triggers, so their refresh marks this one.';

comment on column marts_store.mart.positions is 'Projection to batch seq: the mart holds exactly the events up to there.';

comment on column marts_store.mart.stale is 'Its last refresh failed, or one beneath it did: it serves older rows than its positions could allow.';

create table marts_store.mark (store text not null, marked_at timestamptz not null default clock_timestamp());

comment on table marts_store.mark is 'Append-only: this store is to be computed anew as a whole. One row per marking statement, so that writers share no row.';

create index mark_store_idx on marts_store.mark (store);

-- Down Migration
drop schema marts cascade;

drop schema marts_store cascade;
