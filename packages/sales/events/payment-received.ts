import { currency, defineEvent, hasAny, id, money, occurredAt } from "@jukebase/events/contracts/index.ts";

const fields = {
  PaymentId: id("The payment. Two events with one PaymentId speak of one payment: the newest wins.").optional(),
  PaymentAmount: money("What was paid; a payment of nothing is one, a reversal is an event that retracts.", {
    sign: "not negative",
  }),
  Currency: currency("The currency of PaymentAmount.").optional(),
  OccurredAt: occurredAt(),
};

/** Money that came in. Version 1 does not say from whom or for what; version 2 says at least one of the two. */
export const paymentReceived = defineEvent({
  type: "Payment.PaymentReceived",
  description:
    "Money came in, from a customer, for a device, or without saying. The body may stand under a field called Payment.",
  naturalKey: "payment_id",
  refers: [
    { kind: "device", column: "device_id" },
    { kind: "customer", column: "customer_id" },
  ],
  unwrap: "Payment",
  versions: {
    1: { fields },
    2: {
      fields: {
        ...fields,
        CustomerId: id("The customer who paid.").optional(),
        DeviceId: id("The device that was paid for.").optional(),
      },
      when: hasAny("CustomerId", "DeviceId"),
      invariants: [
        {
          path: "$",
          code: "missing",
          rule: "Version 2 names at least one of CustomerId and DeviceId; a payment that names neither is version 1.",
          holds: hasAny("CustomerId", "DeviceId"),
        },
      ],
    },
  },
});
