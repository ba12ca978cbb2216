import type { BulkPart } from "@jukebase/platform";

// DeviceDetails.Id is the product's id where it differs from the device's; a product without an id is known by its name.
const productId = "nullif(device_details_id, device_id)";

const productKey = `case
       when nullif(device_details_id, device_id) is not null
       then platform.entity_key('product', namespace, device_details_id)
       else platform.entity_key('product-name', namespace, device_name)
     end`;

const factsOfAllocation = `insert into device_allocation (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, device_key, device_id, location_key, location_id,
  agent_key, agent_id, agent_name, product_key, product_id, product_name, price, currency, instalments, instalment_interval, first_due
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('device', namespace, device_id), device_id,
  platform.entity_key('location', namespace, location_allocated_id), location_allocated_id,
  platform.entity_key('agent', namespace, agent_id), agent_id, agent_name,
  ${productKey}, ${productId}, device_name, device_price, currency, instalments, instalment_interval, first_due
from incoming_sale_device_allocated`;

const factsOfPurchase = `insert into device_purchase (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, device_key, device_id, product_key, product_id, product_name,
  price, currency
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  platform.entity_key('device', namespace, device_id), device_id, ${productKey}, ${productId}, device_name, device_price, currency
from incoming_logistic_device_purchased`;

/** Both kinds of facts, and every device, agent, product and price that they speak of. */
export const devicesInBulk: BulkPart = {
  facts: [factsOfAllocation, factsOfPurchase],
  touched: [
    `select distinct spoken.kind, spoken.key
     from device_allocation
     cross join lateral (values ('device', device_key), ('agent', agent_key), ('product', product_key), ('price', product_key)) as spoken (kind, key)`,
    `select distinct spoken.kind, spoken.key
     from device_purchase
     cross join lateral (values ('device', device_key), ('product', product_key), ('price', product_key)) as spoken (kind, key)`,
  ],
};

/** Facts about devices (allocated, purchased), and the agents, products and devices that they speak of. */
export const devices: readonly string[] = [
  `with gone as (
     delete from device_allocation
     where log_id in (select log_id from withdrawn where type = 'Sale.DeviceAllocated')
     returning device_key, agent_key, product_key
   )
   insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from gone
   cross join lateral (values ('device', device_key), ('agent', agent_key), ('product', product_key), ('price', product_key)) as spoken (kind, key)
   on conflict do nothing`,

  `with gone as (
     delete from device_purchase
     where log_id in (select log_id from withdrawn where type = 'Logistic.DevicePurchased')
     returning device_key, product_key
   )
   insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from gone
   cross join lateral (values ('device', device_key), ('product', product_key), ('price', product_key)) as spoken (kind, key)
   on conflict do nothing`,

  factsOfAllocation,

  factsOfPurchase,

  `insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from device_allocation as fact
   cross join lateral (values ('device', device_key), ('agent', agent_key), ('product', product_key)) as spoken (kind, key)
   where fact.log_id in (select log_id from incoming where type = 'Sale.DeviceAllocated')
      or fact.location_key in (select key from touched where kind = 'location')
   on conflict do nothing`,

  `insert into touched (kind, key)
   select distinct spoken.kind, spoken.key
   from device_purchase as fact
   cross join lateral (values ('device', device_key), ('product', product_key)) as spoken (kind, key)
   where fact.log_id in (select log_id from incoming where type = 'Logistic.DevicePurchased')
   on conflict do nothing`,

  `insert into rechecked (log_id)
   select log_id
   from device_allocation
   where device_key in (select key from touched where kind = 'device')
   on conflict do nothing`,

  `insert into waits (log_id, needs_kind, needs_id, needs_key)
   select log_id, 'location', location_id, location_key
   from device_allocation as fact
   where device_key in (select key from touched where kind = 'device')
     and not exists (select from location where location.location_key = fact.location_key)
   on conflict do nothing`,

  `delete from agent
   where agent_key in (select key from touched where kind = 'agent')
     and not exists (
       select
       from device_allocation as fact
       join location using (location_key)
       where fact.agent_key = agent.agent_key
     )`,

  `insert into agent as known (agent_key, namespace, agent_id, agent_name)
   select distinct on (fact.agent_key)
     fact.agent_key, fact.namespace, fact.agent_id, fact.agent_name
   from device_allocation as fact
   join location using (location_key)
   where fact.agent_key in (select key from touched where kind = 'agent')
   order by
     fact.agent_key, fact.agent_name is not null desc, fact.occurred_at desc, fact.source collate "C" desc, fact.event_id collate "C" desc
   on conflict (agent_key) do update set agent_name = excluded.agent_name
   where known is distinct from excluded`,

  ...productsAndDevices(),
];

function productsAndDevices(): string[] {
  const spoken = `select fact.device_key, fact.device_id, fact.product_key, fact.product_id, fact.product_name, fact.namespace, fact.occurred_at,
       fact.source, fact.event_id
     from device_allocation as fact
     join location using (location_key)
     union all
     select device_key, device_id, product_key, product_id, product_name, namespace, occurred_at, source, event_id
     from device_purchase`;
  return [
    `insert into product as known (product_key, namespace, product_id, product_name)
     select distinct on (product_key)
       product_key, namespace, product_id, product_name
     from (${spoken}) as spoken
     where product_key in (select key from touched where kind = 'product')
     order by product_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
     on conflict (product_key) do update set product_name = excluded.product_name
     where known is distinct from excluded`,

    `delete from device
     where device_key in (select key from touched where kind = 'device')
       and not exists (select from (${spoken}) as spoken where spoken.device_key = device.device_key)`,

    `insert into device as known (device_key, namespace, device_id, product_key)
     select distinct on (device_key)
       device_key, namespace, device_id, product_key
     from (${spoken}) as spoken
     where device_key in (select key from touched where kind = 'device')
     order by device_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
     on conflict (device_key) do update set product_key = excluded.product_key
     where known is distinct from excluded`,

    `delete from product
     where product_key in (select key from touched where kind = 'product')
       and not exists (select from (${spoken}) as spoken where spoken.product_key = product.product_key)`,
  ];
}
