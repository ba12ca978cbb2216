import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per purchase of a device. */
export const fctDevicePurchases = defineMart({
  name: "fct_device_purchases",
  kind: "rollup",
  file: new URL("./fct_device_purchases.sql", import.meta.url),
  description: "What devices cost us.",
  grain: "One row per purchase of a device.",
  owner: "sales",
  key: ["purchase_id"],
  row: z.object({
    purchase_id: z.uuid().describe("The purchase."),
    device_key: z.uuid().describe("Surrogate key of the device."),
    device_id: z.string().describe("The device's id as its source writes it."),
    product: z.string().describe("Name of the product."),
    currency: z.string().describe("ISO 4217 code of the amounts in this row."),
    amount: z.string().describe("Purchase price."),
    purchased_at: z.string().describe("When it was bought."),
    purchased_on: z.string().describe("Business date of the purchase."),
  }),
  reads: {
    "sales.purchase": "select purchase_id from changed",
    "sales.device": "select purchase.purchase_id from changed join sales.purchase on purchase.device_key = changed.device_key",
    "sales.product": "select purchase.purchase_id from changed join sales.purchase on purchase.product_key = changed.product_key",
  },
  bucket: ["purchase_id"],
  indexes: [["purchased_on", "currency"]],
  freshness_s: 60,
  references: [{ columns: ["device_key"], mart: "dim_devices", to: ["device_key"] }],
  tests: [
    { test: "expression", sql: "amount > 0" },
    { test: "not_null", column: "purchased_on" },
    { test: "expression", sql: "currency ~ '^[A-Z]{3}$'", name: "the currency of fct_device_purchases is an ISO 4217 code" },
  ],
});
