-- Up Migration
alter table events.load
add column fingerprint text,
add column done int8multirange not null default '{}';

comment on column events.load.fingerprint is 'Tells the same file again: a load that broke off is then carried on. Empty for streams.';

comment on column events.load.done is 'Which bytes of the input are committed; writers side by side may leave gaps behind them for a while.';

create index load_unfinished_idx on events.load (source, fingerprint)
where
  status <> 'done';

-- Down Migration
drop index events.load_unfinished_idx;

alter table events.load
drop column fingerprint,
drop column done;
