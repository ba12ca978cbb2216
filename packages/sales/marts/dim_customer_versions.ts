import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per customer and stretch of time in which what was known of it did not change. */
export const dimCustomerVersions = defineMart({
  name: "dim_customer_versions",
  kind: "view",
  file: new URL("./dim_customer_versions.sql", import.meta.url),
  description: "What was known of a customer when.",
  grain: "One row per customer and registration; of several at one instant the newest.",
  owner: "sales",
  key: ["customer_key", "valid_from"],
  row: z.object({
    customer_key: z.uuid().describe("Surrogate key of the customer."),
    customer_id: z.string().describe("The customer's id as its source writes it."),
    customer_name: z.string().describe("Name of the customer then."),
    valid_from: z.string().describe("From when this was known."),
    valid_to: z.string().nullable().describe("Until when, not included; empty while it is."),
  }),
  reads: { "sales.customer_history": null, "sales.customer": null },
  freshness_s: 60,
  references: [{ columns: ["customer_key"], mart: "dim_customers", to: ["customer_key"] }],
  tests: [
    { test: "not_null", column: "customer_name" },
    { test: "expression", sql: "valid_to > valid_from" },
  ],
});
