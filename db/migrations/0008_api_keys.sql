-- Up Migration
alter table platform.api_key
add column sources text[] not null default '{}',
add column types text[],
add column reads_reports boolean not null default true,
add column expires_at timestamptz,
add column replaces uuid,
add column requests_per_minute integer,
add column events_per_minute integer,
add column bytes_per_minute bigint,
add column body_bytes integer;

update platform.api_key
set
  sources = array[source];

alter table platform.api_key
alter column sources drop default,
add constraint api_key_speaks_for_its_source check (source = any (sources)),
add constraint api_key_types_are_named check (cardinality(types) > 0),
add constraint api_key_replaces_fkey foreign key (replaces) references platform.api_key (api_key_id),
add constraint api_key_limits_are_positive check (
  requests_per_minute > 0
  and events_per_minute > 0
  and bytes_per_minute > 0
  and body_bytes > 0
);

comment on table platform.api_key is 'Keys of the public API; only the SHA-256 of a secret is kept. A key speaks for some sources (source where nothing else is said), for some types (null: every one), within limits (null: the usual ones).';

create index api_key_name_idx on platform.api_key (name);

create table platform.idempotency (
  source text not null,
  key_hash bytea not null,
  body_hash bytea not null,
  answer bytea not null,
  received_at timestamptz not null,
  constraint idempotency_pkey primary key (source, key_hash)
);

comment on table platform.idempotency is 'Requests that came with an Idempotency-Key: keyed hashes of key and body, the sealed answer. Written with their events, kept for a day.';

create index idempotency_received_at_idx on platform.idempotency (received_at);

-- Down Migration
drop table platform.idempotency;

alter table platform.api_key
drop column sources,
drop column types,
drop column reads_reports,
drop column expires_at,
drop column replaces,
drop column requests_per_minute,
drop column events_per_minute,
drop column bytes_per_minute,
drop column body_bytes;
