import { givenRows } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctDailyCashExpected } from "./fct_daily_cash_expected.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctDailyCashExpected, { others });

const [day, later] = ["2025-01-31", "2025-02-28"];

test("what is due, what comes in and how the debt moves meet by day and currency", async () => {
  await given(
    {
      "marts.fct_allocations": [{ allocated_on: day, currency: "USD", price: "100" }],
      "marts.fct_expected_payments": [
        { due_on: day, currency: "USD", amount: "50" },
        { due_on: later, currency: "USD", amount: "50" },
      ],
      "marts.fct_payments": [{ received_on: later, currency: "USD", amount: "130" }],
      "marts.fct_payment_applications": [{ applied_on: later, currency: "USD", amount: "100" }],
    },
    [
      { business_date: day, currency: "USD", expected: "50", received: 0, outstanding_change: "100" },
      { business_date: later, currency: "USD", expected: "50", received: "130", outstanding_change: "-100" },
    ],
  );
});

test("what was paid before the allocation is received then, and moves the debt on the allocation's day", async () => {
  await given(
    {
      "marts.fct_payments": [{ received_on: day, currency: "USD", amount: "100" }],
      "marts.fct_allocations": [{ allocated_on: later, currency: "USD", price: "100" }],
      "marts.fct_payment_applications": [{ applied_on: later, currency: "USD", amount: "100" }],
    },
    [
      { business_date: day, expected: 0, received: "100", outstanding_change: 0 },
      { business_date: later, expected: 0, received: 0, outstanding_change: 0 },
    ],
  );
});

test("a payment in another currency is received in a row of its own", async () => {
  await given(
    {
      "marts.fct_expected_payments": [{ due_on: day, currency: "USD", amount: "100" }],
      "marts.fct_payments": [{ received_on: day, currency: "JPY", amount: "100" }],
    },
    [
      { business_date: day, currency: "USD", expected: "100", received: 0 },
      { business_date: day, currency: "JPY", expected: 0, received: "100" },
    ],
  );
});
