import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per day and currency, also where nothing happened. */
export const metricDailyCash = defineMart({
  name: "metric_daily_cash",
  kind: "view",
  file: new URL("./metric_daily_cash.sql", import.meta.url),
  description: "Cash by day without a gap: what came in, what went out, what was due, what is owed at the day's end.",
  grain: "One row per day and currency, from the first day with any cash to the last, planned instalments included.",
  owner: "finance",
  key: ["business_date", "currency"],
  row: z.object({
    business_date: z.string().describe("Business date."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    payments: z.int().describe("How many payments came in."),
    received: z.string().describe("What came in."),
    unattributed: z.string().describe("The part of it that nobody can be named for."),
    purchases: z.int().describe("How many devices were bought."),
    spent: z.string().describe("What went out for them."),
    expected: z.string().describe("What was due."),
    outstanding: z.string().describe("Prices of devices allocated less payments applied, up to the day's end."),
  }),
  reads: {
    "marts.dim_dates": null,
    "marts.fct_daily_cash_received": null,
    "marts.fct_daily_cash_spent": null,
    "marts.fct_daily_cash_expected": null,
  },
  references: [{ columns: ["business_date"], mart: "dim_dates", to: ["calendar_date"] }],
  freshness_s: 60,
  tests: [
    { test: "expression", sql: "payments >= 0" },
    { test: "expression", sql: "received >= 0" },
    { test: "expression", sql: "unattributed between 0 and received" },
    { test: "expression", sql: "purchases >= 0" },
    { test: "expression", sql: "spent >= 0" },
    { test: "expression", sql: "expected >= 0" },
    { test: "expression", sql: "outstanding >= 0" },
  ],
});
