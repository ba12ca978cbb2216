import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { describe, test } from "vitest";
import { fctPayments } from "./fct_payments.ts";

const given = givenRows(fctPayments);
const givenInRome = givenRows(fctPayments, { zone: "Europe/Rome" });

const customers = [{ customer_key: key(5), customer_id: "c" }];
const payment = {
  payment_key: key(1),
  payment_id: "p",
  source: "till",
  amount: "130.50",
  currency: "USD",
  paid_at: "2025-01-31T23:30:00Z",
};
const byDevice = { ...payment, payer_key: key(5), attribution: "device", device_id: "d" };

describe("a payment is split into", () => {
  test("what it pays and the credit left over", async () => {
    await given(
      {
        "sales.payment": [byDevice],
        "sales.customer": customers,
        "sales.payment_application": [
          { payment_key: key(1), amount: "100" },
          { payment_key: key(1), amount: "20.25" },
          { payment_key: key(2), amount: "999" },
        ],
      },
      [
        {
          amount: "130.5",
          applied: "120.25",
          credit: "10.25",
          unattributed: 0,
          payer_id: "c",
          attribution: "device",
          device_id: "d",
        },
      ],
    );
  });

  test("all credit when it pays nothing yet", async () => {
    await given({ "sales.payment": [{ ...byDevice, attribution: "customer", device_id: null }], "sales.customer": customers }, [
      { applied: 0, credit: "130.5", unattributed: 0, payer_id: "c" },
    ]);
  });
});

test.each(["says_nobody", "device_unknown", "customer_unknown", "currency_differs"])(
  "one that %s is nobody's, whole",
  async (attribution) => {
    await given(
      { "sales.payment": [{ ...payment, payer_key: key(0), attribution, named_customer_id: "x" }], "sales.customer": customers },
      [{ applied: 0, credit: 0, unattributed: "130.5", attribution, payer_id: null, named_customer_id: "x" }],
    );
  },
);

test("a payment of nothing is a row, and so is one without an id", async () => {
  await given({ "sales.payment": [{ ...byDevice, amount: 0, payment_id: null }], "sales.customer": customers }, [
    { payment_id: null, amount: 0, applied: 0, credit: 0, unattributed: 0 },
  ]);
});

test("its business date is of the installation's zone", async () => {
  await given({ "sales.payment": [byDevice], "sales.customer": customers }, [{ received_on: "2025-01-31" }]);
  await givenInRome({ "sales.payment": [byDevice], "sales.customer": customers }, [{ received_on: "2025-02-01" }]);
});
