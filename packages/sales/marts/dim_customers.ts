import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per customer. */
export const dimCustomers = defineMart({
  name: "dim_customers",
  kind: "view",
  file: new URL("./dim_customers.sql", import.meta.url),
  description: "Who has registered.",
  grain: "One row per customer.",
  owner: "sales",
  key: ["customer_key"],
  row: z.object({
    customer_key: z.uuid().describe("Surrogate key of the customer."),
    customer_id: z.string().describe("The customer's id as its source writes it."),
    customer_name: z.string().describe("Name of the customer."),
    email_domain: z.string().nullable().describe("The part of the e-mail address after the @."),
    birth_decade: z.int().nullable().describe("First year of the decade of birth."),
    namespace: z.string().describe("Whose ids these are: sources of one namespace share natural ids."),
    registered_at: z.string().describe("When the customer first registered."),
    changed_at: z.string().describe("When the newest registration happened."),
  }),
  reads: {
    "sales.customer": null,
  },
  sensitive: { email_domain: { as: "null" }, birth_decade: { as: "null" } },
  freshness_s: 60,
  tests: [
    { test: "unique", columns: ["namespace", "customer_id"] },
    { test: "not_null", column: "customer_name" },
    { test: "expression", sql: "changed_at >= registered_at" },
    { test: "expression", sql: "birth_decade % 10 = 0" },
  ],
});
