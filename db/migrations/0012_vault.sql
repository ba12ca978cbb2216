-- Up Migration
create table vault.secret (
  name text not null,
  generation smallint not null default 1,
  wrapped bytea not null,
  made_at timestamptz not null default now(),
  constraint secret_pkey primary key (name, generation),
  constraint secret_name_is_known check (name in ('body', 'token', 'vault', 'day', 'kek'))
);

comment on table vault.secret is 'The key ring: what hashes, tokens and the vault are made with, each sealed under a key that follows from the master key. Of kek, which seals subjects'' keys, there is one for each generation.';

create table vault.subject (
  subject text not null,
  wrapped bytea not null,
  generation smallint not null,
  created_at timestamptz not null default now(),
  constraint subject_pkey primary key (subject)
);

comment on table vault.subject is 'The key of each subject, sealed under a generation of kek: without the row, that subject''s values are unreadable.';

create index subject_generation_idx on vault.subject (generation);

create table vault.erased (
  mark bytea not null,
  erased_at timestamptz not null,
  dropped bigint not null default 0,
  constraint erased_pkey primary key (mark)
);

comment on table vault.erased is 'Whose values are not kept any more, as a keyed hash of the subject; dropped counts the values that came after the erasure.';

comment on column vault.value.key_id is '1: sealed under the vault''s one key, as all were before subjects had keys; 2: under the subject''s key.';

create index value_key_id_idx on vault.value (token)
where
  key_id = 1;

create index quarantine_bytes_day_idx on events.quarantine (bytes_day)
where
  status = 'open';

alter table platform.installation
add column key_fingerprint_before text,
add column key_changed_at timestamptz;

comment on column platform.installation.key_fingerprint_before is 'Of the master key that was replaced last, so that whoever still gives that one is told.';

-- Down Migration
alter table platform.installation
drop column key_changed_at,
drop column key_fingerprint_before;

drop index events.quarantine_bytes_day_idx;

drop index vault.value_key_id_idx;

drop table vault.erased;

drop table vault.subject;

drop table vault.secret;
