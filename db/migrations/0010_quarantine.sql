-- Up Migration
alter table events.quarantine
add column event_key uuid;

comment on column events.quarantine.event_key is 'Replayed items: the event of the log that the item became, or repeats.';

-- Which of the equal items of its load or request an item is, counted without looking at the others; and a group, in the order of a replay.
drop index events.quarantine_content_idx;

create index quarantine_content_idx on events.quarantine (load_id, content, quarantine_id)
where
  load_id is not null;

drop index events.quarantine_batch_idx;

create index quarantine_batch_idx on events.quarantine (batch_id, content, quarantine_id)
where
  load_id is null;

drop index events.quarantine_open_idx;

create index quarantine_open_idx on events.quarantine (type, reason, source, quarantine_id)
where
  status = 'open';

create table events.group_work (
  group_work_id uuid not null default uuidv7(),
  kind text not null,
  choice jsonb not null,
  expression bytea,
  expression_day date,
  actor text not null,
  why text,
  items integer not null,
  done integer not null default 0,
  counts jsonb not null default '{}',
  asked_at timestamptz not null,
  finished_at timestamptz,
  error text,
  constraint group_work_pkey primary key (group_work_id),
  constraint group_work_kind_is_known check (kind in ('replay', 'mend'))
);

comment on table events.group_work is 'A group of quarantined items handed to the worker, to be replayed or mended, and how far it has come. The expression is sealed: it may hold values.';

-- Down Migration
drop table events.group_work;

drop index events.quarantine_open_idx;

create index quarantine_open_idx on events.quarantine (type, reason)
where
  status = 'open';

drop index events.quarantine_batch_idx;

create index quarantine_batch_idx on events.quarantine (batch_id);

drop index events.quarantine_content_idx;

create index quarantine_content_idx on events.quarantine (load_id, content);

alter table events.quarantine
drop column event_key;
