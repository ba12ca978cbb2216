-- Up Migration
create function platform.holds_role (role_name text) returns boolean language sql stable parallel safe return coalesce(
  (
    select
      pg_has_role(current_user, pg_roles.oid, 'usage')
    from
      pg_roles
    where
      pg_roles.rolname = role_name
  ),
  false
);

comment on function platform.holds_role is 'Whether who reads has the rights of a role of this name; nobody has those of a role that is not there.';

create function platform.owns_marts () returns boolean language sql stable parallel safe return coalesce(
  (
    select
      pg_has_role(current_user, pg_namespace.nspowner, 'usage')
    from
      pg_namespace
    where
      pg_namespace.nspname = 'marts'
  ),
  false
);

comment on function platform.owns_marts is 'Whether who reads is the installation itself: reports, console and refreshes see every row and every value.';

create function platform.sees_sensitive () returns boolean language sql stable parallel safe return platform.owns_marts ()
or platform.holds_role ('jukebase_pii_reader');

comment on function platform.sees_sensitive is 'Whether who reads may see in clear what tells of natural persons.';

create schema bi;

comment on schema bi is 'Access of BI tools: their logins, what these read, what an examination of them found. Not for readers.';

create table bi.reader (
  name text not null,
  tool text not null,
  sensitive boolean not null,
  groups text[] not null,
  connections integer not null,
  timeout_ms integer not null,
  created_at timestamptz not null,
  rotated_at timestamptz,
  dropped_at timestamptz,
  constraint reader_pkey primary key (name),
  constraint reader_limits_are_positive check (
    connections > 0
    and timeout_ms > 0
  )
);

comment on table bi.reader is 'Logins made for BI tools; their passwords are with the server alone, as SCRAM verifiers.';

comment on column bi.reader.groups is 'Further group roles, by which marts decide whose rows are shown.';

create table bi.statement (
  reader text not null,
  query_id bigint not null,
  since timestamptz not null,
  marts text[] not null,
  calls bigint not null,
  duration_ms numeric not null,
  rows bigint not null,
  constraint statement_pkey primary key (reader, query_id, since)
);

comment on table bi.statement is 'How far the server''s counts of a reader''s statements have been read, and which marts each reads. No text of a statement is kept.';

create table bi.use (
  reader text not null,
  mart text not null,
  day date not null,
  reads bigint not null,
  duration_ms numeric not null,
  rows bigint not null,
  last_read_at timestamptz not null,
  constraint use_pkey primary key (mart, reader, day)
);

comment on table bi.use is 'Reads of marts by readers, per day in UTC on which they were counted.';

comment on column bi.use.duration_ms is 'Of the statements as a whole: one that reads two marts counts with both.';

comment on column bi.use.last_read_at is 'When the count was found grown: the read was at most as long before as the look before this one.';

create table bi.sample (
  singleton boolean not null default true,
  sampled_at timestamptz not null,
  problem text,
  constraint sample_pkey primary key (singleton),
  constraint sample_is_one check (singleton)
);

comment on table bi.sample is 'One row: when use was last counted, or why it cannot be.';

create table bi.examination (
  reader text not null,
  examined_at timestamptz not null,
  login text not null,
  findings jsonb not null,
  constraint examination_pkey primary key (reader),
  constraint examination_login_is_known check (login in ('itself', 'temporary'))
);

comment on table bi.examination is 'The last examination of each reader: what was tried as it, and what came of that.';

create view marts.mart_freshness as
with recursive
  standing as (
    select
      mart.name,
      mart.name as ground
    from
      marts_store.mart
    where
      mart.schema = 'marts'
    union
    select
      standing.name,
      upstream.name
    from
      standing
      join marts_store.mart on mart.schema = 'marts'
      and mart.name = standing.ground
      and mart.kind = 'view'
      cross join lateral unnest(mart.upstream) as upstream (name)
  ),
  exact as (
    select
      standing.name,
      checkpoint.projection,
      checkpoint.seq
    from
      standing
      join marts_store.mart on mart.schema = 'marts'
      and mart.name = standing.ground
      and mart.kind = 'view'
      join events.checkpoint on checkpoint.projection = any (mart.projections)
      and checkpoint.generation = 1
    union all
    select
      standing.name,
      position.key,
      position.value::bigint
    from
      standing
      join marts_store.mart on mart.schema = 'marts'
      and mart.name = standing.ground
      and mart.kind <> 'view'
      cross join lateral jsonb_each_text(mart.positions) as position
  ),
  least_of_each as (
    select
      exact.name,
      exact.projection,
      min(exact.seq) as seq
    from
      exact
    group by
      exact.name,
      exact.projection
  ),
  positions as (
    select
      least_of_each.name,
      jsonb_object_agg(least_of_each.projection, least_of_each.seq) as exact_at,
      min(least_of_each.seq) as seq
    from
      least_of_each
    group by
      least_of_each.name
  )
select
  mart.name as mart,
  mart.kind,
  coalesce(positions.exact_at, '{}') as exact_at_batches,
  positions.seq as exact_at_batch,
  held.received_at as data_as_of_at,
  mart.refreshed_at,
  mart.stale
  or coalesce(unread.received_at < now() - make_interval(secs => mart.freshness_s), false) as is_stale
from
  marts_store.mart
  left join positions on positions.name = mart.name
  left join lateral (
    select
      batch.received_at
    from
      events.batch
    where
      batch.seq <= positions.seq
    order by
      batch.seq desc
    limit
      1
  ) as held on true
  left join lateral (
    select
      batch.received_at
    from
      events.batch
    where
      batch.seq > positions.seq
    order by
      batch.seq
    limit
      1
  ) as unread on true
where
  mart.schema = 'marts';

comment on view marts.mart_freshness is 'How fresh each mart is: what BI shows as "data as of".
One row: One row per mart.
Owner: platform';

comment on column marts.mart_freshness.mart is 'The mart, a view in this schema.';

comment on column marts.mart_freshness.kind is 'view, materialized, rollup or snapshot.';

comment on column marts.mart_freshness.exact_at_batches is 'Per projection the number of the last batch of events that the mart holds, and holds exactly.';

comment on column marts.mart_freshness.exact_at_batch is 'The least of these; empty for a mart that stands on reference data alone.';

comment on column marts.mart_freshness.data_as_of_at is 'When that batch was received: what came later may be missing.';

comment on column marts.mart_freshness.refreshed_at is 'When the mart was last brought up to now; of a view that is whenever it is read.';

comment on column marts.mart_freshness.is_stale is 'Whether something has waited longer than the mart promises, or its last refresh failed.';

-- Down Migration
drop view marts.mart_freshness;

drop schema bi cascade;

drop function platform.sees_sensitive ();

drop function platform.owns_marts ();

drop function platform.holds_role (text);
