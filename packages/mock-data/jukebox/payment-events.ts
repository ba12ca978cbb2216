import type { Random } from "../random.ts";
import type { Payment } from "../truth/facts.ts";
import type { Calendar } from "./calendar.ts";
import type { Deal } from "./deals.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { transfersFor } from "./payment-plan.ts";
import { tellPayment } from "./payment-telling.ts";
import { decimal } from "./products.ts";

/** All payments for the deals, as payers send them: named by device, customer, both or neither, some taken back or amended. */
export function paymentEvents(
  deals: readonly Deal[],
  customerIds: readonly string[],
  calendar: Calendar,
  ids: Ids,
  random: Random,
): WorldEvent[] {
  return deals.flatMap((deal) =>
    transfersFor(deal, calendar, random).flatMap((transfer) => {
      const payment: Payment = {
        ...paymentFact(ids, transfer.at, decimal(transfer.cents), deal.allocation.currency, random),
        ...addressOf(deal, customerIds, random),
      };
      const wrong = random.chance(0.006) ? { ...payment, currency: payment.currency === "USD" ? "EUR" : "USD" } : payment;
      return tellPayment(wrong, ids, random);
    }),
  );
}

/** Payments out of nowhere: for unknown devices, of unknown customers, of customers who may owe nothing, and payments of nothing. */
export function strayPayments(
  count: number,
  customerIds: readonly string[],
  calendar: Calendar,
  ids: Ids,
  random: Random,
): WorldEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const at = calendar.start + random.int(0, calendar.days.length * 86_400 - 1) * 1000;
    const payment = paymentFact(ids, at, index % 5 === 4 ? "0.00" : decimal(random.int(50, 900) * 100), "USD", random);
    const known = { customerId: random.pick(customerIds) };
    const address = [
      { deviceId: `77000${100 + index}` },
      { customerId: `88000${100 + index}` },
      known,
      { ...known, deviceId: `77000${100 + index}` },
    ][index % 4];
    return tellPayment({ ...payment, ...address }, ids, random);
  }).flat();
}

/** A payment of nobody for nothing yet, with the next ids; some senders give payments no id. */
export function paymentFact(ids: Ids, at: number, amount: string, currency: string, random: Random): Payment {
  const paymentId = ids("9").replace("-", "");
  return { eventId: ids("pay"), at, paymentId: random.chance(0.04) ? undefined : paymentId, amount, currency };
}

function addressOf(deal: Deal, customerIds: readonly string[], random: Random): Pick<Payment, "customerId" | "deviceId"> {
  const { deviceId } = deal.allocation;
  const draw = random.next();
  if (draw < 0.02) return {};
  if (deal.habit === "lump") return { customerId: deal.customerId };
  if (draw < 0.4) return { deviceId, customerId: deal.customerId };
  if (draw < 0.41) return { deviceId, customerId: random.pick(customerIds) };
  return { deviceId };
}
