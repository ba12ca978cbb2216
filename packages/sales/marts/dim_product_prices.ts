import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per product, kind of price, currency and stretch of time in which it did not change. */
export const dimProductPrices = defineMart({
  name: "dim_product_prices",
  kind: "view",
  file: new URL("./dim_product_prices.sql", import.meta.url),
  description: "What a product was sold and bought for when.",
  grain: "One row per product, kind, currency and price change.",
  owner: "sales",
  key: ["product_key", "kind", "currency", "valid_from"],
  row: z.object({
    product_key: z.uuid().describe("Surrogate key of the product."),
    product_name: z.string().describe("Name of the product."),
    kind: z.string().describe("sale: what customers pay; purchase: what devices cost us."),
    currency: z.string().describe("ISO 4217 code of the price."),
    price: z.string().describe("The price."),
    valid_from: z.string().describe("From when it was the price."),
    valid_to: z.string().nullable().describe("Until when, not included; empty while it is."),
  }),
  reads: { "sales.price_history": null, "sales.product": null },
  freshness_s: 60,
  references: [{ columns: ["product_key"], mart: "dim_products", to: ["product_key"] }],
  tests: [
    { test: "accepted_values", column: "kind", values: ["sale", "purchase"] },
    { test: "expression", sql: "price > 0" },
    { test: "expression", sql: "valid_to > valid_from" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of dim_product_prices is an ISO 4217 code" },
  ],
});
