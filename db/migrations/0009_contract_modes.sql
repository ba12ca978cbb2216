-- Up Migration
create table events.contract_mode (
  type text not null,
  entity text not null,
  mode text not null,
  set_at timestamptz not null,
  set_by text not null,
  constraint contract_mode_pkey primary key (type, entity),
  constraint contract_mode_entity_is_known check (entity in ('tables', 'columns', 'data_type')),
  constraint contract_mode_is_known check (mode in ('evolve', 'freeze', 'discard_row', 'discard_value'))
);

comment on table events.contract_mode is 'What becomes of that which a contract does not foresee (tables: its type, columns: a field, data_type: a value), where somebody said it; the type * holds for all that say nothing themselves.';

alter table events.quarantine
add column value_of uuid;

comment on column events.quarantine.value_of is 'For discarded values: the key of the logged event that they were taken out of. Such a row is no received item and is not counted as one.';

alter table events.quarantine
drop constraint quarantine_status_is_known;

alter table events.quarantine
add constraint quarantine_status_is_known check (status in ('open', 'replayed', 'discarded', 'expired', 'discarded-value'));

alter table events.quarantine
add constraint quarantine_values_name_their_event check ((status = 'discarded-value') = (value_of is not null));

create index quarantine_value_of_idx on events.quarantine (value_of)
where
  value_of is not null;

-- Down Migration
delete from events.quarantine
where
  value_of is not null;

alter table events.quarantine
drop column value_of;

alter table events.quarantine
drop constraint quarantine_status_is_known;

alter table events.quarantine
add constraint quarantine_status_is_known check (status in ('open', 'replayed', 'discarded', 'expired'));

drop table events.contract_mode;
