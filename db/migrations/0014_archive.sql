-- Up Migration
create table events.archive_policy (
  singleton boolean not null default true,
  keep_months integer,
  constraint archive_policy_pkey primary key (singleton),
  constraint archive_policy_is_one check (singleton),
  constraint archive_policy_keeps_a_month check (keep_months >= 1)
);

comment on table events.archive_policy is 'One row: how many whole months of the log stay in the database; null keeps everything.';

insert into
  events.archive_policy (keep_months)
values
  (null);

create table events.archive (
  partition text not null,
  from_log_id uuid not null,
  to_log_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null,
  rows bigint not null,
  file text not null,
  sha256 text not null,
  bytes bigint not null,
  archived_at timestamptz not null,
  attached_at timestamptz,
  purged_at timestamptz,
  constraint archive_pkey primary key (partition),
  constraint archive_from_log_id_key unique (from_log_id),
  constraint archive_holds_rows check (rows > 0),
  constraint archive_is_attached_or_purged check (
    attached_at is null
    or purged_at is null
  )
);

comment on table events.archive is 'Partitions of the log that stand in files: log_id from (inclusive) to (exclusive), SHA-256 of the content before compression. While attached_at is set, the rows stand in the log again; once purged_at is set, the file is gone.';

create table events.archive_count (
  partition text not null,
  source text not null,
  type text not null,
  changes boolean not null,
  rows bigint not null,
  constraint archive_count_pkey primary key (partition, source, type, changes),
  constraint archive_count_partition_fkey foreign key (partition) references events.archive (partition) on delete cascade
);

comment on table events.archive_count is 'How many events of which source and type an archive holds; changes are amendments and retractions. Law 1 counts them.';

create table events.archive_frame (
  partition text not null,
  first_log_id uuid not null,
  at bigint not null,
  bytes integer not null,
  rows integer not null,
  constraint archive_frame_pkey primary key (partition, first_log_id),
  constraint archive_frame_partition_fkey foreign key (partition) references events.archive (partition) on delete cascade
);

comment on table events.archive_frame is 'Where in an archive''s file each compressed piece begins, so that one event is found without reading the whole.';

create table events.archive_root (
  event_key uuid not null,
  log_id uuid not null,
  type text not null,
  partition text not null,
  constraint archive_root_pkey primary key (event_key),
  constraint archive_root_partition_fkey foreign key (partition) references events.archive (partition) on delete cascade
);

comment on table events.archive_root is 'Archived events that another amends or retracts: which of them count as withdrawn can be told without the file.';

create table events.recalled (
  log_id uuid not null,
  event_key uuid not null,
  partition text not null,
  recalled_at timestamptz not null,
  constraint recalled_pkey primary key (log_id, event_key),
  constraint recalled_partition_fkey foreign key (partition) references events.archive (partition) on delete cascade
);

comment on table events.recalled is 'Archived events that stand in the log''s default partition again, because one that changes them needed them. They are counted with their archive.';

create table events.purge (
  seq bigint not null,
  event_key uuid not null,
  partitions text[] not null,
  why text not null,
  tables jsonb not null,
  purged_at timestamptz not null,
  constraint purge_pkey primary key (seq)
);

comment on table events.purge is 'Decisions to delete archives: from the position seq on, a rebuild starts from the opening state (schemas <domain>__opening, generation 0), whose checksums stand in tables.';

-- Down Migration
drop table events.purge;

drop table events.recalled;

drop table events.archive_root;

drop table events.archive_frame;

drop table events.archive_count;

drop table events.archive;

drop table events.archive_policy;
