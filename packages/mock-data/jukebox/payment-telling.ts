import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";
import type { Payment } from "../truth/facts.ts";
import type { Ids, Told, WorldEvent } from "./events.ts";
import { lateBy } from "./lateness.ts";

/** How a payment is told: mostly once and right, some taken back, amended, sent anew under its payment id, or with another beside it. */
export function tellPayment(payment: Payment, ids: Ids, random: Random): WorldEvent[] {
  const arrives = lateBy(payment.at, 0.03, random);
  const later = arrives + random.int(-2, 20) * dayMs;
  const draw = random.next();
  if (draw < 0.012) {
    return [
      told(payment, arrives),
      { type: "Payment.PaymentReceived", id: ids("pay"), arrives: later, retracts: payment.eventId },
    ];
  }
  if (draw < 0.024) {
    return [told(slip(payment), arrives), { ...told({ ...payment, eventId: ids("pay") }, later), amends: payment.eventId }];
  }
  if (draw < 0.03 && payment.paymentId !== undefined) {
    const earlier = { ...slip(payment), eventId: ids("pay"), at: payment.at - 3_600_000 };
    return [told(earlier, arrives), told(payment, later)];
  }
  if (draw < 0.04) return [told(payment, arrives), told(second(payment), arrives)];
  return [told(payment, arrives)];
}

function told(fact: Payment, arrives: number): Told<"Payment.PaymentReceived"> {
  return { type: "Payment.PaymentReceived", id: fact.eventId, arrives, fact };
}

/** The same payment with a wrong amount. */
function slip(payment: Payment): Payment {
  return { ...payment, amount: `${Number(payment.amount.split(".")[0]) + 10}.00` };
}

/** Another payment at the very same instant: only the event id says which runs first. */
function second(payment: Payment): Payment {
  const paymentId = payment.paymentId === undefined ? undefined : `${payment.paymentId}2`;
  return { ...payment, eventId: `${payment.eventId}-b`, paymentId, amount: "125.00" };
}
