import type { Payment } from "./facts.ts";
import { byInstant } from "./order.ts";

/** The payments that count: of those with one payment id the newest; each without an id is one of its own. */
export function standingPayments(payments: readonly Payment[]): Payment[] {
  const newest = new Map<string, Payment>();
  for (const payment of payments) {
    const key = payment.paymentId === undefined ? `event ${payment.eventId}` : `payment ${payment.paymentId}`;
    const other = newest.get(key);
    if (other === undefined || byInstant(other, payment) < 0) newest.set(key, payment);
  }
  return [...newest.values()];
}
