-- Up Migration
-- The day and the last instant of a value that is an instant or a business date: tests of marts name columns of either kind.
create function platform.business_day (instant timestamptz) returns date language sql immutable parallel safe return platform.local_date (instant);

create function platform.business_day (day date) returns date language sql immutable parallel safe return day;

create function platform.latest_instant (instant timestamptz) returns timestamptz language sql immutable parallel safe return instant;

create function platform.latest_instant (day date) returns timestamptz language sql immutable parallel safe return (day + time '24:00') at time zone platform.time_zone ();

comment on function platform.business_day (timestamptz) is 'The business date of an instant.';

comment on function platform.business_day (date) is 'A business date, as it is.';

comment on function platform.latest_instant (timestamptz) is 'The instant, as it is.';

comment on function platform.latest_instant (date) is 'The end of a business date: what is known of it may be as new as that.';

create table marts_store.test_run (
  run_id uuid not null default uuidv7(),
  asked_by text not null,
  actor text,
  reference timestamptz,
  newest_seq bigint,
  newest_at timestamptz,
  started_at timestamptz not null,
  finished_at timestamptz not null default clock_timestamp(),
  passed integer not null,
  warned integer not null,
  failed integer not null,
  errors integer not null,
  constraint test_run_pkey primary key (run_id),
  constraint test_run_asked_by_is_known check (asked_by in ('build', 'refresh', 'manual'))
);

comment on table marts_store.test_run is 'When tests of marts were run, for whom, and how many passed. run_id is a uuid version 7: later runs sort last.';

comment on column marts_store.test_run.reference is 'The instant that counted as the present; empty when there was no event.';

comment on column marts_store.test_run.newest_seq is 'Up to this batch the log was searched for its newest event, which is newest_at: the next run reads on from there.';

create table marts_store.test (
  name text not null,
  mart text,
  test text not null,
  words text not null,
  severity text not null,
  sql text not null,
  status text not null,
  failing_rows bigint not null,
  duration_ms integer not null,
  error text,
  run_id uuid not null,
  tested_at timestamptz not null,
  failing_since timestamptz,
  constraint test_pkey primary key (name),
  constraint test_severity_is_known check (severity in ('warn', 'error')),
  constraint test_status_is_known check (status in ('pass', 'warn', 'fail', 'error')),
  constraint test_error_has_text check ((status = 'error') = (error is not null)),
  constraint test_failing_since_something check ((status = 'pass') = (failing_since is null))
);

comment on table marts_store.test is 'Every test of a mart (or check of a domain) as it was last run.';

comment on column marts_store.test.failing_since is 'When it first did not pass, of the times without a break until now.';

create table marts_store.test_result (
  run_id uuid not null,
  name text not null,
  status text not null,
  severity text not null,
  failing_rows bigint not null,
  duration_ms integer not null,
  sql text not null,
  positions jsonb,
  error text,
  constraint test_result_pkey primary key (name, run_id),
  constraint test_result_run_id_fkey foreign key (run_id) references marts_store.test_run (run_id) on delete cascade,
  constraint test_result_status_is_known check (status in ('pass', 'warn', 'fail', 'error'))
);

comment on table marts_store.test_result is 'What each run found: a test''s history. Only its newest results are kept.';

comment on column marts_store.test_result.sql is 'The SELECT of the failing rows, as it was run, over public names.';

comment on column marts_store.test_result.positions is 'Projection to batch seq: what the mart held when it was tested; empty for checks.';

create index test_result_run_idx on marts_store.test_result (run_id);

create table marts_store.test_failing_row (
  run_id uuid not null,
  name text not null,
  place integer not null,
  content json not null,
  constraint test_failing_row_pkey primary key (name, run_id, place),
  constraint test_failing_row_result_fkey foreign key (name, run_id) references marts_store.test_result (name, run_id) on delete cascade
);

comment on table marts_store.test_failing_row is 'Failing rows, at most some for each test and run, of the newest runs only. What tells of natural persons is masked.';

comment on column marts_store.test_failing_row.content is 'Column to value, as text; json, not jsonb, because the order of the columns is worth keeping.';

-- Down Migration
drop table marts_store.test_failing_row;

drop table marts_store.test_result;

drop table marts_store.test;

drop table marts_store.test_run;

drop function platform.latest_instant (date);

drop function platform.latest_instant (timestamptz);

drop function platform.business_day (date);

drop function platform.business_day (timestamptz);
