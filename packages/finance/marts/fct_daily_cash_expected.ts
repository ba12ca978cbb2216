import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per business date and currency. */
export const fctDailyCashExpected = defineMart({
  name: "fct_daily_cash_expected",
  kind: "rollup",
  file: new URL("./fct_daily_cash_expected.sql", import.meta.url),
  description: "Cash due against cash received, and the debt on devices.",
  grain: "One row per business date and currency.",
  owner: "finance",
  key: ["business_date", "currency"],
  row: z.object({
    business_date: z.string().describe("Business date."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    expected: z.string().describe("What was due that day."),
    received: z.string().describe("What came in that day."),
    outstanding_change: z.string().describe("Prices of devices allocated less payments applied that day."),
  }),
  reads: {
    "marts.fct_expected_payments": "select due_on as business_date, currency from changed",
    "marts.fct_payments": "select received_on as business_date, currency from changed",
    "marts.fct_allocations": "select allocated_on as business_date, currency from changed",
    "marts.fct_payment_applications": "select applied_on as business_date, currency from changed",
  },
  bucket: ["business_date", "currency"],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "expected >= 0" },
    { test: "expression", sql: "received >= 0" },
    { test: "not_null", column: "outstanding_change" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_daily_cash_expected is an ISO 4217 code" },
  ],
});
