-- Up Migration
create extension if not exists "uuid-ossp"
with
  schema public;

create extension if not exists btree_gist
with
  schema public;

create schema platform;

comment on schema platform is 'What every domain stands on: the installation, its people, its keys.';

create table platform.installation (
  singleton boolean not null default true,
  time_zone text not null,
  key_fingerprint text,
  created_at timestamptz not null default now(),
  constraint installation_pkey primary key (singleton),
  constraint installation_is_one check (singleton)
);

comment on table platform.installation is 'One row: the reporting time zone and which key the vault is sealed with.';

insert into
  platform.installation (time_zone)
values
  ('UTC');

-- A constant, so that the planner folds it: an installation has one reporting zone, and changing it rebuilds every mart.
create function platform.time_zone () returns text language sql immutable parallel safe return 'UTC'::text;

create function platform.local_date (instant timestamptz) returns date language sql immutable parallel safe return (instant at time zone platform.time_zone ())::date;

create function platform.entity_key (kind text, namespace text, natural_id text) returns uuid language sql immutable parallel safe strict return public.uuid_generate_v5 ('4a756b65-6261-5365-8000-000000000001'::uuid, kind || ':' || namespace || ':' || natural_id);

comment on function platform.entity_key is 'Surrogate key of a dimension: uuid version 5 of kind, namespace of the source, natural id.';

-- The member that stands for "not said": facts may lack a device or a customer, keys may not be null.
create function platform.nobody () returns uuid language sql immutable parallel safe return '00000000-0000-0000-0000-000000000000'::uuid;

create function platform.period (grain text, day date) returns date language sql immutable parallel safe return case grain
  when 'day' then day
  when 'week' then day - (
    extract(
      isodow
      from
        day
    )::integer - 1
  )
  when 'month' then make_date(
    extract(
      year
      from
        day
    )::integer,
    extract(
      month
      from
        day
    )::integer,
    1
  )
  when 'quarter' then make_date(
    extract(
      year
      from
        day
    )::integer,
    extract(
      quarter
      from
        day
    )::integer * 3 - 2,
    1
  )
  when 'year' then make_date(
    extract(
      year
      from
        day
    )::integer,
    1,
    1
  )
end;

comment on function platform.period is 'First day of the day, ISO week, month, quarter or year that holds a business date; null for any other grain.';

create function platform.currency_digits (currency text) returns integer language sql immutable parallel safe return case
  when currency in (
    'BIF',
    'CLP',
    'DJF',
    'GNF',
    'ISK',
    'JPY',
    'KMF',
    'KRW',
    'PYG',
    'RWF',
    'UGX',
    'UYI',
    'VND',
    'VUV',
    'XAF',
    'XOF',
    'XPF'
  ) then 0
  when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
  when currency in ('CLF', 'UYW') then 4
  else 2
end;

comment on function platform.currency_digits is 'Minor-unit digits of ISO 4217.';

create function platform.minor_unit (currency text) returns numeric language sql immutable parallel safe return ('1e-' || platform.currency_digits (currency))::numeric;

comment on function platform.minor_unit is 'The smallest part of a currency: 0.01 of a dollar, 1 of a yen.';

create function platform.money (amount numeric, currency text) returns numeric language sql immutable parallel safe return round(amount, greatest(platform.currency_digits (currency), scale(trim_scale(amount))));

comment on function platform.money is 'The same amount written with at least the digits of its currency, and never with fewer than it has.';

create table platform.api_key (
  api_key_id uuid not null default uuidv7(),
  name text not null,
  secret_hash bytea not null,
  source text not null,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_key_pkey primary key (api_key_id),
  constraint api_key_secret_hash_key unique (secret_hash)
);

comment on table platform.api_key is 'Keys of the public API; only the SHA-256 of a secret is kept. A key speaks for one source.';

create table platform.admin_user (
  admin_user_id uuid not null default uuidv7(),
  email text not null,
  password_hash text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  constraint admin_user_pkey primary key (admin_user_id),
  constraint admin_user_email_key unique (email),
  constraint admin_user_email_is_lower_case check (email = lower(email))
);

create table platform.admin_session (
  session_hash bytea not null,
  admin_user_id uuid not null,
  csrf text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  constraint admin_session_pkey primary key (session_hash),
  constraint admin_session_admin_user_id_fkey foreign key (admin_user_id) references platform.admin_user (admin_user_id) on delete cascade
);

comment on table platform.admin_session is 'Signed-in browsers; the cookie holds the secret, this table its SHA-256.';

create index admin_session_expires_at_idx on platform.admin_session (expires_at);

-- Down Migration
drop schema platform cascade;
