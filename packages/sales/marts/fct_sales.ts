import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per allocation. */
export const fctSales = defineMart({
  name: "fct_sales",
  kind: "rollup",
  file: new URL("./fct_sales.sql", import.meta.url),
  description: "Allocations and whether they have become sales.",
  grain: "One row per allocation.",
  owner: "sales",
  key: ["allocation_id"],
  row: z.object({
    allocation_id: z.uuid().describe("The allocation."),
    device_key: z.uuid().describe("Surrogate key of the device."),
    device_id: z.string().describe("The device's id as its source writes it."),
    product: z.string().describe("Name of the product."),
    agent_key: z.uuid().describe("Surrogate key of the agent; the name is in dim_agents."),
    agent_id: z.string().describe("The selling agent's id as its source writes it."),
    customer_key: z.uuid().describe("Surrogate key of the customer."),
    customer_id: z.string().describe("The customer's id as its source writes it."),
    customer_name: z.string().describe("Name of the customer."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    price: z.string().describe("Sale price of the device."),
    paid: z.string().describe("What payments have been applied so far."),
    outstanding: z.string().describe("Price less what was paid."),
    status: z.string().describe("sold when payments reach the price, else open."),
    allocated_at: z.string().describe("When the device was allocated."),
    allocated_on: z.string().describe("Business date of the allocation."),
    sold_at: z.string().nullable().describe("The later of the allocation and the payment that reached the price."),
    sold_on: z.string().nullable().describe("Business date of the sale."),
  }),
  reads: {
    "sales.allocation": "select allocation_id from changed",
    "sales.device":
      "select allocation.allocation_id from changed join sales.allocation on allocation.device_key = changed.device_key",
    "sales.product":
      "select allocation.allocation_id from changed join sales.allocation on allocation.product_key = changed.product_key",
    "sales.agent":
      "select allocation.allocation_id from changed join sales.allocation on allocation.agent_key = changed.agent_key",
    "sales.customer":
      "select allocation.allocation_id from changed join sales.allocation on allocation.customer_key = changed.customer_key",
    "sales.payment_application": "select allocation_id from changed",
  },
  bucket: ["allocation_id"],
  indexes: [["sold_on"], ["allocated_on"]],
  freshness_s: 60,
  references: [
    { columns: ["allocation_id"], mart: "fct_allocations", to: ["allocation_id"] },
    { columns: ["device_key"], mart: "dim_devices", to: ["device_key"] },
    { columns: ["customer_key"], mart: "dim_customers", to: ["customer_key"] },
  ],
  tests: [
    { test: "accepted_values", column: "status", values: ["sold", "open"] },
    { test: "expression", sql: "price > 0" },
    { test: "expression", sql: "paid between 0 and price" },
    { test: "expression", sql: "outstanding = price - paid" },
    { test: "expression", sql: "(status = 'sold') = (outstanding = 0)", name: "what is sold is paid" },
    { test: "expression", sql: "(status = 'sold') = (sold_at is not null)", name: "what is sold has a date of sale" },
    { test: "expression", sql: "sold_at >= allocated_at" },
    { test: "not_null", column: "allocated_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_sales is an ISO 4217 code" },
    { test: "relationships", columns: ["agent_id"], mart: "dim_agents", to: ["agent_id"] },
  ],
});
