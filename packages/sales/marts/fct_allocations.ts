import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per device and instant of allocation. */
export const fctAllocations = defineMart({
  name: "fct_allocations",
  kind: "rollup",
  file: new URL("./fct_allocations.sql", import.meta.url),
  description: "Who held which device when, sold by whom and at what price.",
  grain: "One row per device and instant of allocation.",
  owner: "sales",
  key: ["allocation_id"],
  row: z.object({
    allocation_id: z.uuid().describe("The allocation."),
    device_key: z.uuid().describe("Surrogate key of the device."),
    device_id: z.string().describe("The device's id as its source writes it."),
    product_key: z.uuid().describe("What the device is."),
    product_name: z.string().describe("Name of the product."),
    agent_key: z.uuid().describe("Surrogate key of the agent."),
    agent_id: z.string().describe("The selling agent's id as its source writes it."),
    location_key: z.uuid().describe("Where the device was put up."),
    location_id: z.string().describe("The location's id as its source writes it."),
    customer_key: z.uuid().describe("Surrogate key of the customer."),
    customer_id: z.string().describe("The customer's id as its source writes it."),
    customer_name: z.string().describe("Name of the customer."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    price: z.string().describe("Sale price of the device on its day."),
    allocated_at: z.string().describe("When the device was allocated."),
    allocated_on: z.string().describe("Business date of the allocation."),
    valid_from: z.string().describe("From when the location holds the device."),
    valid_to: z.string().nullable().describe("Until when, not included; empty while it does."),
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
    "sales.location":
      "select allocation.allocation_id from changed join sales.allocation on allocation.location_key = changed.location_key",
  },
  bucket: ["allocation_id"],
  indexes: [["device_key", "valid_from"], ["allocated_on"]],
  freshness_s: 60,
  references: [
    { columns: ["device_key"], mart: "dim_devices", to: ["device_key"] },
    { columns: ["product_key"], mart: "dim_products", to: ["product_key"] },
    { columns: ["agent_key"], mart: "dim_agents", to: ["agent_key"] },
    { columns: ["location_key"], mart: "dim_locations", to: ["location_key"] },
    { columns: ["customer_key"], mart: "dim_customers", to: ["customer_key"] },
  ],
  tests: [
    { test: "unique", columns: ["device_key", "valid_from"] },
    { test: "expression", sql: "price > 0" },
    { test: "expression", sql: "valid_from = allocated_at" },
    { test: "expression", sql: "valid_to > valid_from" },
    { test: "not_null", column: "allocated_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_allocations is an ISO 4217 code" },
  ],
});
