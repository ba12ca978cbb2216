-- Up Migration
alter table marts_store.mart
add column refresh jsonb;

alter table marts_store.mart
add column read_in jsonb not null default '{}';

alter table marts_store.mart
add column usual_ms integer;

alter table marts_store.mart
add column tries integer not null default 0;

alter table marts_store.mart
add column retry_at timestamptz;

alter table marts_store.mart
add column waits_for text;

comment on column marts_store.mart.refresh is 'When it is refreshed, where not as soon as there is something to compute: {"every_s": 600} or {"at": "30 4 * * *"}.';

comment on column marts_store.mart.read_in is 'Projection to snapshot: in which refresh its tables were read. What names the same one is made of the same rows.';

comment on column marts_store.mart.usual_ms is 'How long it usually takes to compute what is marked: a moving average.';

comment on column marts_store.mart.tries is 'How often in a row it could not be computed; retry_at says when it is tried again.';

comment on column marts_store.mart.waits_for is 'The mart beneath that could not be brought up to date.';

create table marts_store.refresh_run (
  run_id uuid not null default uuidv7(),
  unit text not null,
  marts text[] not null,
  reason text not null,
  actor text,
  held_ms bigint not null default 0,
  started_at timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  constraint refresh_run_pkey primary key (run_id)
);

comment on table marts_store.refresh_run is 'Refreshes under way, and the last one of each unit: marts that are refreshed in one snapshot.';

comment on column marts_store.refresh_run.held_ms is 'For how long the load of the database held it back before.';

create table marts_store.refresh_request (
  request_id uuid not null default uuidv7(),
  marts text[] not null,
  actor text not null,
  asked_at timestamptz not null default clock_timestamp(),
  constraint refresh_request_pkey primary key (request_id)
);

comment on table marts_store.refresh_request is 'Refreshes that somebody has asked for and no worker has done yet; the names of no mart mean every mart.';

create table marts_store.refresh (
  run_id uuid not null,
  mart text not null,
  reason text not null,
  actor text,
  outcome text not null,
  how text,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  duration_ms bigint,
  rows_changed bigint,
  rows bigint,
  buckets bigint,
  lag_ms bigint,
  held_ms bigint not null default 0,
  tries integer not null default 1,
  waits_for text,
  error text,
  constraint refresh_pkey primary key (mart, run_id),
  constraint refresh_reason_is_known check (reason in ('event', 'schedule', 'upstream', 'manual', 'build')),
  constraint refresh_outcome_is_known check (outcome in ('refreshed', 'unchanged', 'failed', 'waits', 'interrupted'))
);

comment on table marts_store.refresh is 'What each refresh did with each mart of which there was something to do. What has one run_id was refreshed in one snapshot.';

comment on column marts_store.refresh.lag_ms is 'From the receipt of the first event that is new in it to the refresh that brought it.';

comment on column marts_store.refresh.how is 'What was computed anew, and in which way.';

create index refresh_finished_at_idx on marts_store.refresh (finished_at, mart);

create index refresh_mart_idx on marts_store.refresh (mart, finished_at);

-- Down Migration
drop table marts_store.refresh;

drop table marts_store.refresh_request;

drop table marts_store.refresh_run;

alter table marts_store.mart
drop column waits_for;

alter table marts_store.mart
drop column retry_at;

alter table marts_store.mart
drop column tries;

alter table marts_store.mart
drop column usual_ms;

alter table marts_store.mart
drop column read_in;

alter table marts_store.mart
drop column refresh;
