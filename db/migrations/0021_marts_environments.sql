-- Up Migration
alter table marts_store.mart
add column schema text not null default 'marts';

alter table marts_store.mart
drop constraint mart_pkey;

alter table marts_store.mart
add constraint mart_pkey primary key (schema, name);

alter table marts_store.mart
drop constraint mart_store_key;

create index mart_store_idx on marts_store.mart (store);

alter table marts_store.mart
add constraint mart_schema_is_an_environment check (schema ~ '^marts(_[a-z0-9][a-z0-9_]{0,39})?$');

alter table marts_store.mart
drop constraint mart_kind_is_known;

alter table marts_store.mart
add constraint mart_kind_is_known check (kind in ('view', 'materialized', 'rollup', 'snapshot'));

alter table marts_store.mart
add column history jsonb;

comment on column marts_store.mart.schema is 'The environment: marts, or marts_NAME, whose marts stand on the same store where they are the same.';

comment on column marts_store.mart.history is 'Snapshots: how a new version of a row is told from the one that is kept.';

create table seeds.version (
  name text not null,
  checksum text not null,
  loaded_at timestamptz not null default clock_timestamp(),
  rows integer not null,
  text text not null,
  constraint version_pkey primary key (name, loaded_at)
);

comment on table seeds.version is 'Every text that a file of db/seeds has had here, so that an old number can be told from the file it came from.';

-- Down Migration
drop table seeds.version;

delete from marts_store.mart
where
  schema <> 'marts'
  or kind = 'snapshot';

alter table marts_store.mart
drop column history;

alter table marts_store.mart
drop constraint mart_kind_is_known;

alter table marts_store.mart
add constraint mart_kind_is_known check (kind in ('view', 'materialized', 'rollup'));

drop index marts_store.mart_store_idx;

alter table marts_store.mart
add constraint mart_store_key unique (store);

alter table marts_store.mart
drop constraint mart_pkey;

alter table marts_store.mart
add constraint mart_pkey primary key (name);

alter table marts_store.mart
drop column schema;
