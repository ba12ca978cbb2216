import { givenRows } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctDailyCashSpent } from "./fct_daily_cash_spent.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctDailyCashSpent, { others });

test("a day has a row for each currency; equal purchases are as many purchases", async () => {
  const bought = { purchased_on: "2025-01-31", currency: "USD", amount: "60.10" };
  await given({ "marts.fct_device_purchases": [bought, bought, { ...bought, currency: "JPY", amount: "9000" }] }, [
    { spent_on: "2025-01-31", currency: "USD", purchases: 2, amount: "120.20" },
    { spent_on: "2025-01-31", currency: "JPY", purchases: 1, amount: "9000" },
  ]);
});
