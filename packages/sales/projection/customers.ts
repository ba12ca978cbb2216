import type { BulkPart } from "@jukebase/platform";

const registrations = `insert into customer_registration (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, customer_key, customer_id, customer_name,
  legal_address, phone_number, identity_number, email, email_domain, date_of_birth, birth_decade
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('customer', namespace, customer_id), customer_id, customer_name,
  legal_address, customer_phone_number, customer_identity_number, customer_email, customer_email_domain,
  customer_date_of_birth, customer_birth_decade
from incoming_sale_customer_registered`;

/** What was said of customers, and all customers that something was said of. */
export const customersInBulk: BulkPart = {
  facts: [registrations],
  touched: ["select distinct 'customer', customer_key from customer_registration"],
};

/** Customers: the newest registration is what is known now, all of them are the history. */
export const customers: readonly string[] = [
  `with gone as (
     delete from customer_registration
     where log_id in (select log_id from withdrawn where type = 'Sale.CustomerRegistered')
     returning customer_key
   )
   insert into touched (kind, key)
   select 'customer', customer_key
   from gone
   on conflict do nothing`,

  `with fresh as (
     ${registrations}
     returning customer_key
   )
   insert into touched (kind, key)
   select distinct 'customer', customer_key
   from fresh
   on conflict do nothing`,

  `delete from customer
   where customer_key in (select key from touched where kind = 'customer')
     and not exists (select from customer_registration as fact where fact.customer_key = customer.customer_key)`,

  `insert into customer as known (
     customer_key, namespace, customer_id, customer_name, legal_address, phone_number, identity_number, email, email_domain,
     date_of_birth, birth_decade, registered_at, changed_at
   )
   select distinct on (customer_key)
     customer_key, namespace, customer_id, customer_name, legal_address, phone_number, identity_number, email, email_domain,
     date_of_birth, birth_decade, min(occurred_at) over (partition by customer_key), occurred_at
   from customer_registration
   where customer_key in (select key from touched where kind = 'customer')
   order by customer_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
   on conflict (customer_key) do update set
     customer_name = excluded.customer_name, legal_address = excluded.legal_address, phone_number = excluded.phone_number,
     identity_number = excluded.identity_number, email = excluded.email, email_domain = excluded.email_domain,
     date_of_birth = excluded.date_of_birth, birth_decade = excluded.birth_decade, registered_at = excluded.registered_at,
     changed_at = excluded.changed_at
   where known is distinct from excluded`,

  `delete from customer_history
   where customer_key in (select key from touched where kind = 'customer')`,

  `with versions as (
     select distinct on (customer_key, occurred_at)
       customer_key, occurred_at, customer_name, legal_address, phone_number, identity_number, email
     from customer_registration
     where customer_key in (select key from touched where kind = 'customer')
     order by customer_key, occurred_at, source collate "C" desc, event_id collate "C" desc
   )
   insert into customer_history (customer_key, valid, customer_name, legal_address, phone_number, identity_number, email)
   select
     customer_key,
     tstzrange(occurred_at, lead(occurred_at) over (partition by customer_key order by occurred_at)),
     customer_name, legal_address, phone_number, identity_number, email
   from versions`,
];
