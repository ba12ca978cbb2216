import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per location. */
export const dimLocations = defineMart({
  name: "dim_locations",
  kind: "view",
  file: new URL("./dim_locations.sql", import.meta.url),
  description: "Where devices are put up.",
  grain: "One row per location.",
  owner: "sales",
  key: ["location_key"],
  row: z.object({
    location_key: z.uuid().describe("Surrogate key of the location."),
    location_id: z.string().describe("The location's id as its source writes it."),
    customer_key: z.uuid().describe("Surrogate key of the customer."),
    customer_id: z.string().describe("The customer's id as its source writes it."),
    customer_name: z.string().describe("Name of the customer."),
    address: z.string().nullable().describe("Address of the location."),
    latitude: z.string().nullable().describe("Degrees north."),
    longitude: z.string().nullable().describe("Degrees east."),
    namespace: z.string().describe("Whose ids these are: sources of one namespace share natural ids."),
    registered_at: z.string().describe("When the location was first registered."),
  }),
  reads: {
    "sales.location": null,
    "sales.customer": null,
  },
  freshness_s: 60,
  references: [{ columns: ["customer_key"], mart: "dim_customers", to: ["customer_key"] }],
  tests: [
    { test: "unique", columns: ["namespace", "location_id"] },
    { test: "expression", sql: "latitude between -90 and 90" },
    { test: "expression", sql: "longitude between -180 and 180" },
  ],
});
