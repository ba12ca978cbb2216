-- Up Migration
create schema sales;

comment on schema sales is 'Customers, their locations, the devices allocated to them, what they paid.';

-- Facts: one row per effective event, amendments applied, keyed by the log id of the event.
create table sales.customer_registration (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  customer_key uuid not null,
  customer_id text not null,
  customer_name text not null,
  legal_address text,
  phone_number text,
  identity_number text,
  email text,
  email_domain text,
  date_of_birth text,
  birth_decade integer,
  constraint customer_registration_pkey primary key (log_id)
);

create index customer_registration_customer_idx on sales.customer_registration (customer_key);

create table sales.location_registration (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  location_key uuid not null,
  location_id text not null,
  customer_key uuid not null,
  customer_id text not null,
  latitude numeric,
  longitude numeric,
  address text,
  contact_name text,
  contact_phone_number text,
  constraint location_registration_pkey primary key (log_id)
);

create index location_registration_location_idx on sales.location_registration (location_key);

create index location_registration_customer_idx on sales.location_registration (customer_key);

create table sales.device_allocation (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  device_key uuid not null,
  device_id text not null,
  location_key uuid not null,
  location_id text not null,
  agent_key uuid not null,
  agent_id text not null,
  agent_name text,
  product_key uuid not null,
  product_id text,
  product_name text not null,
  price numeric not null,
  currency text not null,
  instalments integer,
  instalment_interval text,
  first_due date,
  constraint device_allocation_pkey primary key (log_id, device_key),
  constraint device_allocation_price_is_positive check (price > 0)
);

create index device_allocation_device_idx on sales.device_allocation (device_key);

create index device_allocation_location_idx on sales.device_allocation (location_key);

create index device_allocation_agent_idx on sales.device_allocation (agent_key);

create index device_allocation_product_idx on sales.device_allocation (product_key);

create table sales.device_purchase (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  device_key uuid not null,
  device_id text not null,
  product_key uuid not null,
  product_id text,
  product_name text not null,
  price numeric not null,
  currency text not null,
  constraint device_purchase_pkey primary key (log_id, device_key),
  constraint device_purchase_price_is_positive check (price > 0)
);

create index device_purchase_device_idx on sales.device_purchase (device_key);

create index device_purchase_product_idx on sales.device_purchase (product_key);

create table sales.payment_receipt (
  log_id uuid not null,
  event_key uuid not null,
  source text not null,
  namespace text not null,
  event_id text not null,
  occurred_at timestamptz not null,
  recorded_at timestamptz not null,
  payment_key uuid not null,
  payment_id text,
  amount numeric not null,
  currency text not null,
  device_key uuid not null,
  device_id text,
  customer_key uuid not null,
  customer_id text,
  constraint payment_receipt_pkey primary key (log_id, device_key),
  constraint payment_receipt_amount_is_not_negative check (amount >= 0)
);

create index payment_receipt_payment_idx on sales.payment_receipt (payment_key);

-- Dimensions: what is known now, the newest fact wins by (occurred_at, source, event id).
create table sales.customer (
  customer_key uuid not null,
  namespace text not null,
  customer_id text not null,
  customer_name text not null,
  legal_address text,
  phone_number text,
  identity_number text,
  email text,
  email_domain text,
  date_of_birth text,
  birth_decade integer,
  registered_at timestamptz not null,
  changed_at timestamptz not null,
  constraint customer_pkey primary key (customer_key),
  constraint customer_natural_key unique (namespace, customer_id)
);

create table sales.customer_history (
  customer_key uuid not null,
  valid tstzrange not null,
  customer_name text not null,
  legal_address text,
  phone_number text,
  identity_number text,
  email text,
  constraint customer_history_pkey primary key (customer_key, valid without overlaps)
);

create table sales.location (
  location_key uuid not null,
  namespace text not null,
  location_id text not null,
  customer_key uuid not null,
  latitude numeric,
  longitude numeric,
  address text,
  contact_name text,
  contact_phone_number text,
  registered_at timestamptz not null,
  changed_at timestamptz not null,
  constraint location_pkey primary key (location_key),
  constraint location_natural_key unique (namespace, location_id),
  constraint location_customer_fkey foreign key (customer_key) references sales.customer (customer_key)
  deferrable initially deferred
);

create index location_customer_idx on sales.location (customer_key);

create table sales.agent (
  agent_key uuid not null,
  namespace text not null,
  agent_id text not null,
  agent_name text,
  constraint agent_pkey primary key (agent_key),
  constraint agent_natural_key unique (namespace, agent_id)
);

create table sales.product (
  product_key uuid not null,
  namespace text not null,
  product_id text,
  product_name text not null,
  constraint product_pkey primary key (product_key)
);

create table sales.device (
  device_key uuid not null,
  namespace text not null,
  device_id text not null,
  product_key uuid not null,
  constraint device_pkey primary key (device_key),
  constraint device_natural_key unique (namespace, device_id),
  constraint device_product_fkey foreign key (product_key) references sales.product (product_key)
  deferrable initially deferred
);

-- Histories and what follows from several facts at once: deleted and inserted anew for the things a step touched.
create table sales.price_history (
  product_key uuid not null,
  kind text not null,
  currency text not null,
  valid tstzrange not null,
  price numeric not null,
  constraint price_history_pkey primary key (product_key, kind, currency, valid without overlaps),
  constraint price_history_kind_is_known check (kind in ('sale', 'purchase'))
);

create table sales.allocation (
  allocation_id uuid not null,
  device_key uuid not null,
  location_key uuid not null,
  customer_key uuid not null,
  agent_key uuid not null,
  product_key uuid not null,
  source text not null,
  event_id text not null,
  event_key uuid not null,
  price numeric not null,
  currency text not null,
  instalments integer,
  instalment_interval text,
  first_due date,
  allocated_at timestamptz not null,
  valid tstzrange not null,
  is_first boolean not null,
  constraint allocation_pkey primary key (allocation_id),
  constraint allocation_device_key unique (device_key, allocated_at)
);

comment on table sales.allocation is 'Who held this device when: one row per device and instant of allocation, valid until the next one of that device.';

create index allocation_customer_idx on sales.allocation (customer_key);

create index allocation_location_idx on sales.allocation (location_key);

create table sales.purchase (
  purchase_id uuid not null,
  device_key uuid not null,
  product_key uuid not null,
  price numeric not null,
  currency text not null,
  purchased_at timestamptz not null,
  constraint purchase_pkey primary key (purchase_id),
  constraint purchase_device_key unique (device_key, purchased_at)
);

create table sales.payment (
  payment_key uuid not null,
  log_id uuid not null,
  source text not null,
  event_id text not null,
  payment_id text,
  amount numeric not null,
  currency text not null,
  paid_at timestamptz not null,
  recorded_at timestamptz not null,
  device_key uuid not null,
  device_id text,
  named_customer_key uuid not null,
  named_customer_id text,
  payer_key uuid not null,
  allocation_id uuid,
  attribution text not null,
  constraint payment_pkey primary key (payment_key),
  constraint payment_attribution_is_known check (
    attribution in ('device', 'customer', 'says_nobody', 'device_unknown', 'customer_unknown', 'currency_differs')
  )
);

comment on table sales.payment is 'One row per payment: whose it is and, where a device says so, which allocation it pays. Unattributed payments count as cash and name their reason.';

create index payment_device_idx on sales.payment (device_key)
where
  device_key <> '00000000-0000-0000-0000-000000000000';

create index payment_named_customer_idx on sales.payment (named_customer_key)
where
  named_customer_key <> '00000000-0000-0000-0000-000000000000';

create index payment_payer_idx on sales.payment (payer_key);

create table sales.payment_application (
  payment_key uuid not null,
  allocation_id uuid not null,
  payer_key uuid not null,
  amount numeric not null,
  paid_at timestamptz not null,
  position bigint not null,
  constraint payment_application_pkey primary key (payer_key, payment_key, allocation_id)
);

comment on table sales.payment_application is 'Which part of which payment pays which allocation; position is the order in which payments ran for that payer.';

create index payment_application_allocation_idx on sales.payment_application (allocation_id);

create index payment_application_payment_idx on sales.payment_application (payment_key);

-- Payments run in (occurred_at, source, event id) order; each fills its allocation, or the payer's open ones, oldest first.
-- A loop, because what a customer-only payment finds open depends on every payment before it.
create function sales.applied_payments (payers uuid[]) returns table (
  payment_key uuid,
  allocation_id uuid,
  payer_key uuid,
  amount numeric,
  paid_at timestamptz,
  "position" bigint
) language plpgsql stable as $$
declare
  payer uuid;
  payment record;
  ids uuid[];
  rests numeric[];
  currencies text[];
  rest numeric;
  part numeric;
  n bigint;
  i integer;
begin
  foreach payer in array payers loop
    select array_agg(a.allocation_id order by a.allocated_at, a.source collate "C", a.event_id collate "C"),
      array_agg(a.price order by a.allocated_at, a.source collate "C", a.event_id collate "C"),
      array_agg(a.currency order by a.allocated_at, a.source collate "C", a.event_id collate "C")
    into ids, rests, currencies
    from allocation as a
    where a.customer_key = payer;
    n := 0;
    for payment in
      select p.payment_key, p.allocation_id, p.amount, p.currency, p.paid_at
      from payment as p
      where p.payer_key = payer
      order by p.paid_at, p.source collate "C", p.event_id collate "C"
    loop
      n := n + 1;
      rest := payment.amount;
      i := 1;
      while rest > 0 and i <= coalesce(array_length(ids, 1), 0) loop
        if rests[i] > 0
          and currencies[i] = payment.currency
          and (payment.allocation_id is null or payment.allocation_id = ids[i])
        then
          part := least(rest, rests[i]);
          rests[i] := rests[i] - part;
          rest := rest - part;
          payment_key := payment.payment_key;
          allocation_id := ids[i];
          payer_key := payer;
          amount := part;
          paid_at := payment.paid_at;
          "position" := n;
          return next;
        end if;
        i := i + 1;
      end loop;
    end loop;
  end loop;
end
$$;

-- Down Migration
drop schema sales cascade;
