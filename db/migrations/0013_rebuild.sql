-- Up Migration
create table events.rebuild (
  rebuild_id uuid not null default uuidv7(),
  projections text[] not null,
  status text not null default 'running',
  phase text not null default 'preparing',
  events bigint not null default 0,
  done jsonb not null default '{}',
  abort_asked boolean not null default false,
  started_at timestamptz not null,
  updated_at timestamptz not null,
  finished_at timestamptz,
  error text,
  constraint rebuild_pkey primary key (rebuild_id),
  constraint rebuild_status_is_known check (status in ('running', 'done', 'failed', 'aborted')),
  constraint rebuild_failed_has_error check ((status = 'failed') = (error is not null))
);

comment on table events.rebuild is 'Every rebuild: which projections, how far it is (events per projection, of all that are to be read), how it ended.';

-- At most one at a time: who finds a running one whose process is gone ends it first.
create unique index rebuild_running_idx on events.rebuild (status)
where
  status = 'running';

comment on column events.checkpoint.generation is 'What readers read is always generation 1. A rebuild fills generation 2 beside it, which becomes 1 when it is swapped in.';

-- Down Migration
comment on column events.checkpoint.generation is null;

drop table events.rebuild;
