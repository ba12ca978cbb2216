import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per business date and currency. */
export const fctDailyCashSpent = defineMart({
  name: "fct_daily_cash_spent",
  kind: "rollup",
  file: new URL("./fct_daily_cash_spent.sql", import.meta.url),
  description: "Cash that went out for devices.",
  grain: "One row per business date and currency.",
  owner: "finance",
  key: ["spent_on", "currency"],
  row: z.object({
    spent_on: z.string().describe("Business date."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    purchases: z.int().describe("How many purchases."),
    amount: z.string().describe("What went out."),
  }),
  reads: {
    "marts.fct_device_purchases": "select purchased_on as spent_on, currency from changed",
  },
  bucket: ["spent_on", "currency"],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "purchases >= 1" },
    { test: "expression", sql: "amount > 0" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_daily_cash_spent is an ISO 4217 code" },
  ],
});
