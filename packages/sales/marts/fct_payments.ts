import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per payment. */
export const fctPayments = defineMart({
  name: "fct_payments",
  kind: "rollup",
  file: new URL("./fct_payments.sql", import.meta.url),
  description: "Cash received, and what it pays.",
  grain: "One row per payment.",
  owner: "sales",
  key: ["payment_key"],
  row: z.object({
    payment_key: z.uuid().describe("Surrogate key of the payment."),
    payment_id: z.string().nullable().describe("The payment's id as its source writes it."),
    source: z.string().describe("Who told of the payment."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    amount: z.string().describe("What was received."),
    applied: z.string().describe("The part that pays allocations."),
    credit: z.string().describe("The part left over as credit of the payer."),
    unattributed: z.string().describe("The amount, when nobody can be named for it; else 0."),
    attribution: z.string().describe("By what the payment was attributed (device, customer), or why it was not."),
    device_id: z.string().nullable().describe("The device the payment names."),
    named_customer_id: z.string().nullable().describe("The customer the payment names."),
    payer_id: z.string().nullable().describe("The customer whose payment it is."),
    paid_at: z.string().describe("When it was received."),
    received_on: z.string().describe("Business date of the receipt."),
  }),
  reads: {
    "sales.payment": "select payment_key from changed",
    "sales.payment_application": "select payment_key from changed",
    "sales.customer": "select payment.payment_key from changed join sales.payment on payment.payer_key = changed.customer_key",
  },
  bucket: ["payment_key"],
  indexes: [["received_on", "currency"]],
  freshness_s: 60,
  tests: [
    {
      test: "accepted_values",
      column: "attribution",
      values: ["device", "customer", "says_nobody", "device_unknown", "customer_unknown", "currency_differs"],
    },
    { test: "expression", sql: "amount >= 0" },
    { test: "expression", sql: "applied between 0 and amount" },
    { test: "expression", sql: "applied + credit + unattributed = amount" },
    {
      test: "expression",
      sql: "unattributed = case when payer_id is null then amount else 0 end",
      name: "what nobody can be named for is unattributed",
    },
    { test: "not_null", column: "received_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_payments is an ISO 4217 code" },
    { test: "relationships", columns: ["payer_id"], mart: "dim_customers", to: ["customer_id"] },
    { test: "freshness", column: "paid_at", within_s: 7 * 86_400, severity: "warn" },
    { test: "volume_anomaly", at: "received_on", seasonality: "weekday" },
    { test: "column_anomaly", at: "received_on", column: "payer_id", measure: "null_share", direction: "spike" },
  ],
});
