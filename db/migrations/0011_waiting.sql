-- Up Migration
create table events.waiting_limit (
  kind text not null,
  days integer not null,
  constraint waiting_limit_pkey primary key (kind),
  constraint waiting_limit_is_a_time check (days between 1 and 3650)
);

comment on table events.waiting_limit is 'After how many days without its parent an event is shown as an orphan, by kind of parent; 30 where nothing is said.';

create index waiting_since_idx on events.waiting (needs_kind, since);

-- Down Migration
drop index events.waiting_since_idx;

drop table events.waiting_limit;
