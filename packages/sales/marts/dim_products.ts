import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per product. */
export const dimProducts = defineMart({
  name: "dim_products",
  kind: "view",
  file: new URL("./dim_products.sql", import.meta.url),
  description: "What devices are instances of.",
  grain: "One row per product.",
  owner: "sales",
  key: ["product_key"],
  row: z.object({
    product_key: z.uuid().describe("Surrogate key of the product."),
    product_id: z.string().nullable().describe("The product's own id, where its senders give one."),
    product_name: z.string().describe("Newest name of the product."),
    namespace: z.string().describe("Whose ids these are: sources of one namespace share natural ids."),
  }),
  reads: {
    "sales.product": null,
  },
  freshness_s: 60,
  tests: [
    { test: "not_null", column: "product_name" },
    { test: "expression", sql: "product_name <> ''", name: "a product has a name" },
  ],
});
