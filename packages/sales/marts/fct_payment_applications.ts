import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per payment and allocation. */
export const fctPaymentApplications = defineMart({
  name: "fct_payment_applications",
  kind: "rollup",
  file: new URL("./fct_payment_applications.sql", import.meta.url),
  description: "Which part of which payment pays which allocation.",
  grain: "One row per payment and allocation.",
  owner: "sales",
  key: ["payment_key", "allocation_id"],
  row: z.object({
    payment_key: z.uuid().describe("The payment."),
    allocation_id: z.uuid().describe("The allocation it pays."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    amount: z.string().describe("How much of the payment."),
    applied_at: z.string().describe("The later of the payment and the allocation."),
    applied_on: z.string().describe("Business date of that."),
  }),
  reads: {
    "sales.payment_application": "select allocation_id from changed",
    "sales.allocation": "select allocation_id from changed",
  },
  bucket: ["allocation_id"],
  indexes: [["allocation_id"], ["applied_on", "currency"]],
  freshness_s: 60,
  references: [
    { columns: ["payment_key"], mart: "fct_payments", to: ["payment_key"] },
    { columns: ["allocation_id"], mart: "fct_allocations", to: ["allocation_id"] },
  ],
  tests: [
    { test: "expression", sql: "amount > 0" },
    { test: "not_null", column: "applied_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_payment_applications is an ISO 4217 code" },
  ],
});
