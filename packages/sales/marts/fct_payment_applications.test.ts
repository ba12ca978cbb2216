import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctPaymentApplications } from "./fct_payment_applications.ts";

const given = givenRows(fctPaymentApplications);

const allocations = [
  { allocation_id: key(11), currency: "USD", allocated_at: "2025-02-01T00:00:00Z" },
  { allocation_id: key(12), currency: "JPY", allocated_at: "2025-02-01T00:00:00Z" },
];
const applied = { payment_key: key(1), allocation_id: key(11), amount: "60.00" };

test("what was paid before the allocation counts from the allocation's day, what was paid later from its own", async () => {
  await given(
    {
      "sales.allocation": allocations,
      "sales.payment_application": [
        { ...applied, paid_at: "2025-01-31T23:59:59.999999Z" },
        { ...applied, payment_key: key(2), paid_at: "2025-02-01T00:00:00Z" },
        { ...applied, payment_key: key(3), paid_at: "2025-03-31T23:59:59.999999Z" },
      ],
    },
    [
      { payment_key: key(1), applied_at: "2025-02-01T00:00:00Z", applied_on: "2025-02-01" },
      { payment_key: key(2), applied_at: "2025-02-01T00:00:00Z", applied_on: "2025-02-01" },
      { payment_key: key(3), applied_at: "2025-03-31T23:59:59.999999Z", applied_on: "2025-03-31" },
    ],
  );
});

test("one payment may pay several allocations, each in the allocation's currency", async () => {
  const paid_at = "2025-03-01T00:00:00Z";
  await given(
    {
      "sales.allocation": allocations,
      "sales.payment_application": [
        { ...applied, paid_at },
        { ...applied, allocation_id: key(12), amount: "900", paid_at },
      ],
    },
    [
      { allocation_id: key(11), currency: "USD", amount: "60" },
      { allocation_id: key(12), currency: "JPY", amount: "900" },
    ],
  );
});
