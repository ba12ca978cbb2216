-- Up Migration
alter table events.quarantine
add column sealed_scope bytea;

comment on column events.quarantine.sealed_scope is 'The Idempotency-Key that the item came under, sealed like its bytes: a replay makes the id of a fact without one of it, and senders may name persons in it.';

comment on column events.quarantine.scope is 'The same in clear, of items from before it was sealed; the next sweep seals it.';

create index quarantine_scope_idx on events.quarantine (quarantine_id)
where
  scope is not null;

-- Down Migration
drop index events.quarantine_scope_idx;

comment on column events.quarantine.scope is null;

alter table events.quarantine
drop column sealed_scope;
