import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Payment } from "../truth/facts.ts";
import type { Calendar } from "./calendar.ts";
import type { Ids, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";
import { transfersFor } from "./payment-plan.ts";
import { decimal } from "./products.ts";
import type { Deal } from "./sales.ts";

/** All payments for the deals, as payers send them: named by device, customer, both or neither, some taken back or amended. */
export function paymentEvents(deals: readonly Deal[], customerIds: readonly string[], calendar: Calendar, ids: Ids, random: Random): WorldEvent[] {
  return deals.flatMap((deal) =>
    transfersFor(deal, calendar, random).flatMap((transfer) => {
      const payment: Payment = {
        ...paymentFact(ids, transfer.at, decimal(transfer.cents), deal.allocation.currency),
        ...addressOf(deal, customerIds, random),
      };
      const wrong = random.chance(0.006) ? { ...payment, currency: payment.currency === "USD" ? "EUR" : "USD" } : payment;
      return tellPayment(wrong, ids, random);
    }),
  );
}

/** Payments that nobody can place: for unknown devices and customers, and credit of customers (who may have no device at all). */
export function strayPayments(count: number, customerIds: readonly string[], calendar: Calendar, ids: Ids, random: Random): WorldEvent[] {
  return Array.from({ length: count }, (_, index) => {
    const at = calendar.start + random.int(0, calendar.days.length * 86_400 - 1) * 1000;
    const payment = paymentFact(ids, at, decimal(random.int(50, 900) * 100), "USD");
    const known = { customerId: random.pick(customerIds) };
    const address = [{ deviceId: `77000${100 + index}` }, { customerId: `88000${100 + index}` }, known, { ...known, deviceId: `77000${100 + index}` }][index % 4];
    return tellPayment({ ...payment, ...address }, ids, random);
  }).flat();
}

/** A payment of nobody for nothing yet, with the next ids. */
export function paymentFact(ids: Ids, at: number, amount: string, currency: string): Payment {
  return { eventId: ids("pay"), at, paymentId: ids("9").replace("-", ""), amount, currency };
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

function tellPayment(payment: Payment, ids: Ids, random: Random): WorldEvent[] {
  const type = "Payment.PaymentReceived";
  const arrives = lateBy(payment.at, 0.03, random);
  const later = arrives + random.int(-2, 20) * dayMs;
  const told: WorldEvent = { type, id: payment.eventId, arrives, fact: payment };
  const draw = random.next();
  if (draw < 0.012) return [told, { type, id: ids("pay"), arrives: later, retracts: payment.eventId }];
  if (draw < 0.024) {
    const id = ids("pay");
    const wrong = { ...payment, amount: `${Number(payment.amount.split(".")[0]) + 10}.00` };
    return [{ ...told, fact: wrong }, { type, id, arrives: later, fact: { ...payment, eventId: id }, amends: payment.eventId }];
  }
  if (draw < 0.034) return [told, { ...told, id: `${payment.eventId}-b`, fact: { ...payment, ...secondOf(payment) } }];
  return [told];
}

/** A second, smaller payment at the very same instant: only the event id says which runs first. */
function secondOf(payment: Payment): Pick<Payment, "eventId" | "paymentId" | "amount"> {
  return { eventId: `${payment.eventId}-b`, paymentId: `${payment.paymentId}2`, amount: "125.00" };
}
