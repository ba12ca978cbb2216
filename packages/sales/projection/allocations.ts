const touchedDevices = "(select key from touched where kind = 'device')";
const touchedPrices = "(select key from touched where kind = 'price')";

// Where a product's price changed: the newest of what was said at one instant counts, what repeats the price before it does not.
const prices = `
  with said as (
    select fact.product_key, 'sale' as kind, fact.currency, fact.occurred_at, fact.price, fact.source, fact.event_id
    from device_allocation as fact
    join location using (location_key)
    where fact.product_key in ${touchedPrices}
    union all
    select product_key, 'purchase', currency, occurred_at, price, source, event_id
    from device_purchase
    where product_key in ${touchedPrices}
  ),
  at_one_time as (
    select distinct on (product_key, kind, currency, occurred_at)
      product_key, kind, currency, occurred_at, price
    from said
    order by product_key, kind, currency, occurred_at, source collate "C" desc, event_id collate "C" desc
  ),
  compared as (
    select
      product_key, kind, currency, occurred_at, price,
      lag(price) over (partition by product_key, kind, currency order by occurred_at) as price_before
    from at_one_time
  )
  select
    product_key, kind, currency, price,
    tstzrange(occurred_at, lead(occurred_at) over (partition by product_key, kind, currency order by occurred_at)) as valid
  from compared
  where price_before is distinct from price`;

/** Who held which device when, what was bought, and what a product cost and was sold for over time. */
export const allocations: readonly string[] = [
  // Whose payments may now pay something else: the customers before and (further down) after.
  `insert into touched (kind, key)
   select distinct 'payer', customer_key
   from allocation
   where device_key in ${touchedDevices}
   on conflict do nothing`,

  `delete from allocation
   where device_key in ${touchedDevices}`,

  // Two events for one device at one instant speak of one allocation: the newest corrects the other.
  `with allocated as (
     select distinct on (fact.device_key, fact.occurred_at)
       fact.*, location.customer_key
     from device_allocation as fact
     join location using (location_key)
     where fact.device_key in ${touchedDevices}
     order by fact.device_key, fact.occurred_at, fact.source collate "C" desc, fact.event_id collate "C" desc
   )
   insert into allocation (
     allocation_id, device_key, location_key, customer_key, agent_key, product_key, source, event_id, event_key, price, currency,
     instalments, instalment_interval, first_due, allocated_at, valid, is_first
   )
   select
     log_id, device_key, location_key, customer_key, agent_key, product_key, source, event_id, event_key, price, currency,
     instalments, instalment_interval, first_due, occurred_at,
     tstzrange(occurred_at, lead(occurred_at) over of_device),
     row_number() over of_device = 1
   from allocated
   window of_device as (partition by device_key order by occurred_at)`,

  `insert into touched (kind, key)
   select distinct 'payer', customer_key
   from allocation
   where device_key in ${touchedDevices}
   on conflict do nothing`,

  `delete from purchase
   where device_key in ${touchedDevices}`,

  `insert into purchase (purchase_id, device_key, product_key, price, currency, purchased_at)
   select distinct on (device_key, occurred_at)
     log_id, device_key, product_key, price, currency, occurred_at
   from device_purchase
   where device_key in ${touchedDevices}
   order by device_key, occurred_at, source collate "C" desc, event_id collate "C" desc`,

  // A price that is said again while it is in force changes nothing; only what differs, or comes from elsewhere, is derived anew.
  `insert into touched (kind, key)
   select distinct 'price', said.product_key
   from (
     select log_id, location_key, product_key, 'sale' as kind, currency, occurred_at, price
     from device_allocation
     where device_key in ${touchedDevices}
     union all
     select log_id, null, product_key, 'purchase', currency, occurred_at, price
     from device_purchase
     where device_key in ${touchedDevices}
   ) as said
   where said.location_key in (select key from touched where kind = 'location')
      or (
        said.log_id in (select log_id from incoming)
        and not exists (
          select
          from price_history as known
          where known.product_key = said.product_key
            and known.kind = said.kind
            and known.currency = said.currency
            and known.valid @> said.occurred_at
            and known.price = said.price
        )
      )
   on conflict do nothing`,

  // The planner takes the touched for few and would compare each price with each: in bulk that is most of a step's time.
  "set local enable_nestloop = off",
  `with price as materialized (${prices})
   delete from price_history as known
   where product_key in ${touchedPrices}
     and not exists (
       select
       from price
       where (price.product_key, price.kind, price.currency, price.valid, price.price)
         = (known.product_key, known.kind, known.currency, known.valid, known.price)
     )`,

  `with price as materialized (${prices})
   insert into price_history (product_key, kind, currency, valid, price)
   select product_key, kind, currency, valid, price
   from price
   where not exists (
     select
     from price_history as known
     where known.product_key = price.product_key
       and known.kind = price.kind
       and known.currency = price.currency
       and known.valid = price.valid
   )`,
  "set local enable_nestloop = on",
];
