import { defineMart } from "@jukebase/marts";
import { z } from "zod";

/** One row per device. */
export const dimDevices = defineMart({
  name: "dim_devices",
  kind: "view",
  file: new URL("./dim_devices.sql", import.meta.url),
  description: "Every device heard of.",
  grain: "One row per device.",
  owner: "sales",
  key: ["device_key"],
  row: z.object({
    device_key: z.uuid().describe("Surrogate key of the device."),
    device_id: z.string().describe("The device's id as its source writes it."),
    product_key: z.uuid().describe("What the device is."),
    product_name: z.string().describe("Name of the product."),
    namespace: z.string().describe("Whose ids these are: sources of one namespace share natural ids."),
  }),
  reads: {
    "sales.device": null,
    "sales.product": null,
  },
  freshness_s: 60,
  references: [{ columns: ["product_key"], mart: "dim_products", to: ["product_key"] }],
  tests: [
    { test: "unique", columns: ["namespace", "device_id"] },
    { test: "not_null", column: "product_name" },
  ],
});
