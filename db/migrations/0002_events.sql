-- Up Migration
create schema events;

comment on schema events is 'The event log and what keeps it honest: sources, loads, batches, quarantine, waiting, parked, checkpoints.';

create schema vault;

comment on schema vault is 'What tells of natural persons, encrypted; everything else holds tokens.';

create table events.source (
  source text not null,
  kind text not null default 'facts',
  namespace text not null,
  date_order text,
  time_zone text not null default 'UTC',
  currency text not null default 'USD',
  created_at timestamptz not null default now(),
  constraint source_pkey primary key (source),
  constraint source_name_is_plain check (source ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  constraint source_namespace_is_plain check (namespace ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
  constraint source_kind_is_known check (kind in ('facts', 'observations')),
  constraint source_date_order_is_known check (date_order in ('dmy', 'mdy', 'ymd')),
  constraint source_currency_is_iso check (currency ~ '^[A-Z]{3}$')
);

comment on table events.source is 'Who sends, what it sends (facts or observations), and its dialect. Sources of one namespace share natural ids.';

create sequence events.batch_id;

create sequence events.batch_seq;

create table events.load (
  load_id uuid not null default uuidv7(),
  source text not null,
  name text not null,
  status text not null default 'running',
  received bigint not null default 0,
  logged bigint not null default 0,
  duplicates bigint not null default 0,
  quarantined bigint not null default 0,
  read_to bigint not null default 0,
  started_at timestamptz not null,
  finished_at timestamptz,
  error text,
  constraint load_pkey primary key (load_id),
  constraint load_source_fkey foreign key (source) references events.source (source),
  constraint load_status_is_known check (status in ('running', 'done', 'failed')),
  constraint load_is_balanced check (received = logged + duplicates + quarantined)
);

comment on table events.load is 'A file, a stream or a request as a whole; read_to is the byte up to which it is committed.';

create table events.occurrence (
  load_id uuid not null,
  content uuid not null,
  n integer not null,
  constraint occurrence_pkey primary key (load_id, content),
  constraint occurrence_load_id_fkey foreign key (load_id) references events.load (load_id) on delete cascade
);

comment on table events.occurrence is 'How often a load in progress has brought the same content without an id: n equal rows are n facts.';

create table events.batch (
  seq bigint not null,
  batch_id bigint not null,
  source text not null,
  load_id uuid,
  received integer not null,
  moved integer not null default 0,
  logged integer not null,
  duplicates integer not null,
  quarantined integer not null,
  received_at timestamptz not null,
  constraint batch_pkey primary key (seq),
  constraint batch_batch_id_key unique (batch_id),
  constraint batch_loses_nothing check (received + moved = logged + duplicates + quarantined)
);

comment on table events.batch is 'One commit of the intake. seq is drawn under a lock as the last statement, so its order is commit order. moved counts items that a replay took out of quarantine; received counts only what came in.';

create index batch_source_idx on events.batch (source);

-- The identity of every event ever logged; has no time window. body is a keyed hash of the event as parsed.
create table events.key (
  event_key uuid not null,
  body uuid not null,
  log_id uuid not null,
  constraint key_pkey primary key (event_key)
);

comment on table events.key is 'Dedupe: the first 16 bytes of SHA-256 of source and event id, with a keyed hash of the body it came with.';

create table events.log (
  log_id uuid not null default uuidv7(),
  event_key uuid not null,
  batch_id bigint not null,
  ordinal integer not null,
  type text not null,
  version smallint not null,
  normaliser smallint not null,
  source text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  data jsonb not null,
  sent jsonb,
  unknown bytea,
  unknown_day date,
  amends uuid,
  retracts uuid,
  constraint log_pkey primary key (log_id, event_key),
  constraint log_changes_one_event check (
    amends is null
    or retracts is null
  )
) partition by range (log_id);

comment on table events.log is 'Every accepted event, append-only: the normalised, tokenised body, the sent form of each changed field, unknown fields encrypted. Partitioned by receipt (log_id is a uuid version 7).';

create index log_batch_idx on events.log (batch_id, ordinal);

create table events.log_default partition of events.log default;

-- Amendments and retractions by what they change: one narrow table to ask, so that the log needs no index for the few that do.
create table events.change (
  target_key uuid not null,
  change_key uuid not null,
  how text not null,
  batch_id bigint not null,
  constraint change_pkey primary key (target_key, change_key),
  constraint change_how_is_known check (how in ('amends', 'retracts'))
);

comment on table events.change is 'Which event amends or retracts which; the target may not have come yet.';

create index change_batch_idx on events.change (batch_id);

create index change_change_idx on events.change (change_key);

create view events.entry as
select
  log.log_id,
  log.event_key,
  log.type,
  log.source,
  source.namespace,
  log.event_id,
  log.occurred_at,
  batch.received_at as recorded_at,
  log.version,
  log.data,
  log.amends,
  log.retracts,
  batch.seq,
  log.ordinal
from
  events.log
  join events.batch on batch.batch_id = log.batch_id
  join events.source on source.source = log.source;

comment on view events.entry is 'The log with what its batch and source say of each event; position is (seq, ordinal).';

-- Which event's body counts for an event: itself, its newest amendment (followed through), or none when it is retracted.
-- upto is the position a projection has reached: what lies ahead of it does not count yet.
create function events.effective (wanted uuid, upto bigint) returns uuid language plpgsql stable as $$
declare
  candidate record;
  answer uuid;
begin
  for candidate in
    select change.change_key
    from events.change
    join events.batch on batch.batch_id = change.batch_id
    where change.target_key = wanted
      and change.how = 'retracts'
      and batch.seq <= upto
  loop
    if events.effective (candidate.change_key, upto) is not null then
      return null;
    end if;
  end loop;
  for candidate in
    select change.change_key
    from events.change
    join events.batch on batch.batch_id = change.batch_id
    join events.key as new_key on new_key.event_key = change.change_key
    join events.log as amendment on amendment.log_id = new_key.log_id and amendment.event_key = change.change_key
    join events.key as old_key on old_key.event_key = change.target_key
    join events.log as amended on amended.log_id = old_key.log_id and amended.event_key = change.target_key
    where change.target_key = wanted
      and change.how = 'amends'
      and amendment.type = amended.type
      and batch.seq <= upto
    order by amendment.occurred_at desc, amendment.source collate "C" desc, amendment.event_id collate "C" desc
  loop
    answer := events.effective (candidate.change_key, upto);
    if answer is not null then
      return answer;
    end if;
  end loop;
  return wanted;
end
$$;

create table events.observation (
  source text not null,
  type text not null,
  natural_id text not null,
  body uuid not null,
  event_id text not null,
  event_ids text[] not null,
  observed_at timestamptz not null,
  last_load_id uuid,
  constraint observation_pkey primary key (source, type, natural_id)
);

comment on table events.observation is 'The last state seen of each thing an observing source tells of, and every event that told of it; only a change is logged.';

create table events.quarantine (
  quarantine_id uuid not null default uuidv7(),
  batch_id bigint not null,
  ordinal integer not null,
  source text not null,
  load_id uuid,
  line bigint,
  type text,
  event_id text,
  reason text not null,
  issues jsonb not null,
  version smallint,
  content uuid,
  scope text,
  mended boolean not null default false,
  bytes bytea,
  bytes_day date,
  fixed bytea,
  fixed_day date,
  status text not null default 'open',
  received_at timestamptz not null,
  attempts integer not null default 0,
  resolved_at timestamptz,
  resolution text,
  constraint quarantine_pkey primary key (quarantine_id),
  constraint quarantine_status_is_known check (status in ('open', 'replayed', 'discarded', 'expired'))
);

comment on table events.quarantine is 'What broke a contract or a rule: where, the rule in words, and the bytes as received, encrypted under a day key.';

create index quarantine_open_idx on events.quarantine (type, reason)
where
  status = 'open';

create index quarantine_content_idx on events.quarantine (load_id, content);

create index quarantine_batch_idx on events.quarantine (batch_id);

create table events.checkpoint (
  projection text not null,
  generation integer not null default 1,
  seq bigint not null default 0,
  updated_at timestamptz not null default now(),
  constraint checkpoint_pkey primary key (projection, generation)
);

comment on table events.checkpoint is 'How far each projection has read the log, written in the transaction that wrote its tables.';

create table events.waiting (
  projection text not null,
  generation integer not null,
  log_id uuid not null,
  event_key uuid not null,
  type text not null,
  needs_kind text not null,
  needs_id text not null,
  needs_key uuid not null,
  since timestamptz not null,
  constraint waiting_pkey primary key (projection, generation, log_id, needs_kind)
);

comment on table events.waiting is 'Valid events whose parent has not arrived, and which parent that is.';

create index waiting_needs_idx on events.waiting (needs_key);

create table events.parked (
  projection text not null,
  generation integer not null,
  log_id uuid not null,
  event_key uuid not null,
  type text not null,
  error text not null,
  parked_at timestamptz not null,
  constraint parked_pkey primary key (projection, generation, log_id)
);

comment on table events.parked is 'Events that a projection failed on, with its error; the others passed.';

create table vault.value (
  token text not null,
  subject text not null,
  field text not null,
  ciphertext bytea not null,
  key_id smallint not null,
  created_at timestamptz not null default now(),
  constraint value_pkey primary key (token)
);

comment on table vault.value is 'One PII value of one event; the token stands in for it everywhere else.';

create index value_subject_idx on vault.value (subject);

create table vault.day_key (day date not null, salt bytea not null, constraint day_key_pkey primary key (day));

comment on table vault.day_key is 'The key of a day is derived from this salt: without the row, what was sealed that day is unreadable.';

-- Down Migration
drop schema vault cascade;

drop schema events cascade;
