import type { BulkPart } from "@jukebase/platform";

const touchedPayments = "(select key from touched where kind = 'payment')";
const touchedPayers = "(select key from touched where kind = 'payer')";

const receipts = `insert into payment_receipt (
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at, payment_key, payment_id, amount, currency,
  device_key, device_id, customer_key, customer_id
)
select
  log_id, event_key, source, namespace, event_id, occurred_at, recorded_at,
  coalesce(platform.entity_key('payment', namespace, payment_id), event_key), payment_id, payment_amount, currency,
  coalesce(platform.entity_key('device', namespace, device_id), platform.nobody()), device_id,
  coalesce(platform.entity_key('customer', namespace, customer_id), platform.nobody()), customer_id
from incoming_payment_payment_received`;

/** What was received, and every payment that it speaks of. */
export const paymentsInBulk: BulkPart = {
  facts: [receipts],
  touched: ["select distinct 'payment', payment_key from payment_receipt"],
};

/**
 * Payments, whose they are, and what each of them pays.
 *
 * A payment with a device pays the allocation of that device valid at its time, before the first one the first; with a customer alone,
 * that customer's open allocations, oldest first. What cannot be attributed says why and counts as cash all the same.
 */
export const payments: readonly string[] = [
  `with gone as (
     delete from payment_receipt
     where log_id in (select log_id from withdrawn where type = 'Payment.PaymentReceived')
     returning payment_key
   )
   insert into touched (kind, key)
   select distinct 'payment', payment_key
   from gone
   on conflict do nothing`,

  `with fresh as (
     ${receipts}
     returning payment_key
   )
   insert into touched (kind, key)
   select distinct 'payment', payment_key
   from fresh
   on conflict do nothing`,

  `insert into touched (kind, key)
   select 'payment', payment_key
   from payment
   where device_key in (select key from touched where kind = 'device')
     and device_key <> platform.nobody()
   on conflict do nothing`,

  `insert into touched (kind, key)
   select distinct 'payer', payer_key
   from payment
   where payment_key in ${touchedPayments}
     and payer_key <> platform.nobody()
   on conflict do nothing`,

  `insert into touched (kind, key)
   select 'payment', payment_key
   from payment
   where named_customer_key <> platform.nobody()
     and device_key = platform.nobody()
     and named_customer_key in (select key from touched where kind in ('customer', 'payer'))
   on conflict do nothing`,

  `delete from payment
   where payment_key in ${touchedPayments}`,

  `with received as (
     select distinct on (payment_key)
       payment_key, log_id, source, event_id, payment_id, amount, currency, occurred_at, recorded_at, device_key, device_id,
       customer_key, customer_id
     from payment_receipt
     where payment_key in ${touchedPayments}
     order by payment_key, occurred_at desc, source collate "C" desc, event_id collate "C" desc
   ),
   judged as (
     select
       received.*,
       held.allocation_id,
       case
         when received.device_key <> platform.nobody() then
           case
             when held.allocation_id is null then 'device_unknown'
             when held.currency <> received.currency then 'currency_differs'
             else 'device'
           end
         when received.customer_key <> platform.nobody() then
           case
             when customer.customer_key is null then 'customer_unknown'
             when holdings.n > 0 and holdings.n_in_currency = 0 then 'currency_differs'
             else 'customer'
           end
         else 'says_nobody'
       end as attribution,
       held.customer_key as holder_key
     from received
     left join lateral (
       select allocation_id, customer_key, currency
       from allocation
       where allocation.device_key = received.device_key
         and received.device_key <> platform.nobody()
         and (allocation.valid @> received.occurred_at or (allocation.is_first and received.occurred_at < allocation.allocated_at))
     ) as held on true
     left join customer on customer.customer_key = received.customer_key
     left join lateral (
       select count(*) as n, count(*) filter (where allocation.currency = received.currency) as n_in_currency
       from allocation
       where allocation.customer_key = received.customer_key
         and received.device_key = platform.nobody()
         and received.customer_key <> platform.nobody()
     ) as holdings on true
   )
   insert into payment (
     payment_key, log_id, source, event_id, payment_id, amount, currency, paid_at, recorded_at, device_key, device_id,
     named_customer_key, named_customer_id, payer_key, allocation_id, attribution
   )
   select
     payment_key, log_id, source, event_id, payment_id, amount, currency, occurred_at, recorded_at, device_key, device_id,
     customer_key, customer_id,
     case attribution when 'device' then holder_key when 'customer' then customer_key else platform.nobody() end,
     case attribution when 'device' then allocation_id end,
     attribution
   from judged`,

  `insert into touched (kind, key)
   select distinct 'payer', payer_key
   from payment
   where payment_key in ${touchedPayments}
     and payer_key <> platform.nobody()
   on conflict do nothing`,

  `delete from payment_application
   where payer_key in ${touchedPayers}`,

  `insert into payment_application (payment_key, allocation_id, payer_key, amount, paid_at, position)
   select payment_key, allocation_id, payer_key, amount, paid_at, position
   from applied_payments(array${touchedPayers})`,
];
