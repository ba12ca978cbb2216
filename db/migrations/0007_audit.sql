-- Up Migration
create table platform.audit (
  seq bigint not null,
  at timestamptz not null,
  actor text not null,
  action text not null,
  object text not null,
  why text,
  before jsonb,
  after jsonb,
  request_id text,
  previous bytea not null,
  hash bytea not null,
  constraint audit_pkey primary key (seq),
  constraint audit_names_who_and_what check (
    actor <> ''
    and action <> ''
  )
);

comment on table platform.audit is 'Who did what, when, to what and why: append-only, each row sealed with the hash of the one before. Holds tokens, never personal values.';

create index audit_object_idx on platform.audit (object, seq);

create function platform.audit_hash (entry platform.audit) returns bytea language sql immutable parallel safe return sha256(
  entry.previous || convert_to(
    jsonb_build_array(
      entry.seq,
      extract(
        epoch
        from
          entry.at
      ),
      entry.actor,
      entry.action,
      entry.object,
      entry.why,
      entry.before,
      entry.after,
      entry.request_id
    )::text,
    'UTF8'
  )
);

comment on function platform.audit_hash is 'What a row of the audit log must be sealed with: SHA-256 of the hash before it and of all that it says.';

create function platform.refuse_change () returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: a row that stands there stays as it is', tg_table_schema || '.' || tg_table_name
    using errcode = 'restrict_violation';
end
$$;

create trigger audit_is_append_only
before update or delete or truncate on platform.audit for each statement
execute function platform.refuse_change ();

-- Down Migration
drop table platform.audit cascade;

drop function platform.refuse_change;
