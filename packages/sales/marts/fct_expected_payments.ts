import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per allocation and instalment. */
export const fctExpectedPayments = defineMart({
  name: "fct_expected_payments",
  kind: "rollup",
  file: new URL("./fct_expected_payments.sql", import.meta.url),
  description: "What cash is due when.",
  grain: "One row per allocation and instalment.",
  owner: "sales",
  key: ["allocation_id", "instalment"],
  row: z.object({
    allocation_id: z.uuid().describe("The allocation it is owed for."),
    instalment: z.int().describe("Number of the instalment, from 1."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    amount: z.string().describe("What is due."),
    due_on: z.string().describe("Business date on which it is due."),
  }),
  reads: {
    "sales.allocation": "select allocation_id from changed",
  },
  bucket: ["allocation_id"],
  indexes: [["due_on", "currency"]],
  freshness_s: 60,
  references: [{ columns: ["allocation_id"], mart: "fct_allocations", to: ["allocation_id"] }],
  tests: [
    { test: "expression", sql: "instalment >= 1" },
    { test: "expression", sql: "amount >= 0" },
    { test: "not_null", column: "due_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_expected_payments is an ISO 4217 code" },
  ],
});
