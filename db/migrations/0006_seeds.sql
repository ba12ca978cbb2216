-- Up Migration
create schema seeds;

comment on schema seeds is 'Reference data that people edit: each table is one CSV file of db/seeds, loaded whole when the file changes.';

create table seeds.file (
  name text not null,
  checksum text not null,
  loaded_at timestamptz not null default now(),
  constraint file_pkey primary key (name)
);

create table seeds.agent_reward_rules (
  valid_from date not null,
  rank integer not null,
  amount numeric not null,
  currency text not null,
  constraint agent_reward_rules_pkey primary key (valid_from, currency, rank),
  constraint agent_reward_rules_rank_is_positive check (rank >= 1),
  constraint agent_reward_rules_amount_is_not_negative check (amount >= 0),
  constraint agent_reward_rules_currency_is_iso check (currency ~ '^[A-Z]{3}$')
);

comment on table seeds.agent_reward_rules is 'What an agent''s place in a month is worth, from valid_from on until a later set of rules.';

-- Down Migration
drop schema seeds cascade;
