import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per business date and currency. */
export const fctDailyCashReceived = defineMart({
  name: "fct_daily_cash_received",
  kind: "rollup",
  file: new URL("./fct_daily_cash_received.sql", import.meta.url),
  description: "Cash that came in.",
  grain: "One row per business date and currency.",
  owner: "finance",
  key: ["received_on", "currency"],
  row: z.object({
    received_on: z.string().describe("Business date."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    payments: z.int().describe("How many payments."),
    amount: z.string().describe("What came in."),
    unattributed: z.string().describe("The part that nobody can be named for."),
  }),
  reads: {
    "marts.fct_payments": "select received_on, currency from changed",
  },
  bucket: ["received_on", "currency"],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "payments >= 1" },
    { test: "expression", sql: "amount >= 0" },
    { test: "expression", sql: "unattributed between 0 and amount" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_daily_cash_received is an ISO 4217 code" },
    { test: "column_anomaly", at: "received_on", column: "payments", measure: "sum", seasonality: "weekday" },
  ],
});
