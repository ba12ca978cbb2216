import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctDevicePurchases } from "./fct_device_purchases.ts";

const given = givenRows(fctDevicePurchases);
const givenInRome = givenRows(fctDevicePurchases, { zone: "Europe/Rome" });

const purchase = {
  device_key: key(1),
  product_key: key(2),
  price: "60.00",
  currency: "USD",
  purchased_at: "2025-06-30T22:00:00Z",
};
const rows = {
  "sales.purchase": [
    { ...purchase, purchase_id: key(11) },
    { ...purchase, purchase_id: key(12), price: "9000", currency: "JPY", purchased_at: "2025-06-30T21:59:59Z" },
  ],
  "sales.device": [{ device_key: key(1), device_id: "d" }],
  "sales.product": [{ product_key: key(2), product_name: "MusicMaker3000" }],
};

test("a device bought twice cost twice, in whatever currency", async () => {
  await given(rows, [
    { device_id: "d", product: "MusicMaker3000", amount: "60", currency: "USD", purchased_on: "2025-06-30" },
    { device_id: "d", product: "MusicMaker3000", amount: "9000", currency: "JPY", purchased_on: "2025-06-30" },
  ]);
});

test("the business day turns at midnight in summer time, too", async () => {
  await givenInRome(rows, [
    { currency: "USD", purchased_on: "2025-07-01" },
    { currency: "JPY", purchased_on: "2025-06-30" },
  ]);
});
