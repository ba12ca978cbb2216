import type { BulkPart } from "@jukebase/platform";

const registrations = `insert into location_registration (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, location_key, location_id, customer_key, customer_id,
  latitude, longitude, address, contact_name, contact_phone_number
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('location', namespace, location_id), location_id,
  platform.entity_key('customer', namespace, customer_id), customer_id,
  latitude, longitude, address, contact_name, contact_phone_number
from incoming_sale_location_registered`;

/** What was said of locations, and all locations that something was said of. */
export const locationsInBulk: BulkPart = {
  facts: [registrations],
  touched: ["select distinct 'location', location_key from location_registration"],
};

/** Locations: each needs its customer; a registration whose customer is not known waits, and is passed over until it comes. */
export const locations: readonly string[] = [
  `with gone as (
     delete from location_registration
     where log_id in (select log_id from withdrawn where type = 'Sale.LocationRegistered')
     returning location_key
   )
   insert into touched (kind, key)
   select distinct 'location', location_key
   from gone
   on conflict do nothing`,

  `with fresh as (
     ${registrations}
     returning location_key
   )
   insert into touched (kind, key)
   select distinct 'location', location_key
   from fresh
   on conflict do nothing`,

  `insert into touched (kind, key)
   select distinct 'location', location_key
   from location_registration
   where customer_key in (select key from touched where kind = 'customer')
   on conflict do nothing`,

  `insert into rechecked (log_id)
   select log_id
   from location_registration
   where location_key in (select key from touched where kind = 'location')
   on conflict do nothing`,

  `insert into waits (log_id, needs_kind, needs_id, needs_key)
   select log_id, 'customer', customer_id, customer_key
   from location_registration as fact
   where location_key in (select key from touched where kind = 'location')
     and not exists (select from customer where customer.customer_key = fact.customer_key)
   on conflict do nothing`,

  `delete from location
   where location_key in (select key from touched where kind = 'location')
     and not exists (
       select
       from location_registration as fact
       join customer using (customer_key)
       where fact.location_key = location.location_key
     )`,

  `insert into location as known (
     location_key, namespace, location_id, customer_key, latitude, longitude, address, contact_name, contact_phone_number,
     registered_at, changed_at
   )
   select distinct on (fact.location_key)
     fact.location_key, fact.namespace, fact.location_id, fact.customer_key, fact.latitude, fact.longitude, fact.address,
     fact.contact_name, fact.contact_phone_number, min(fact.occurred_at) over (partition by fact.location_key), fact.occurred_at
   from location_registration as fact
   join customer using (customer_key)
   where fact.location_key in (select key from touched where kind = 'location')
   order by fact.location_key, fact.occurred_at desc, fact.source collate "C" desc, fact.event_id collate "C" desc
   on conflict (location_key) do update set
     customer_key = excluded.customer_key, latitude = excluded.latitude, longitude = excluded.longitude, address = excluded.address,
     contact_name = excluded.contact_name, contact_phone_number = excluded.contact_phone_number,
     registered_at = excluded.registered_at, changed_at = excluded.changed_at
   where known is distinct from excluded`,
];
