import { givenRows } from "@jukebase/marts/given-rows.testing.ts";
import { test } from "vitest";
import { fctDailyCashReceived } from "./fct_daily_cash_received.ts";
import { others } from "./others.testing.ts";

const given = givenRows(fctDailyCashReceived, { others });

test("a day has a row for each currency, in which payments of nothing and of nobody count", async () => {
  await given(
    {
      "marts.fct_payments": [
        { received_on: "2025-01-31", currency: "USD", amount: "0.10", unattributed: 0 },
        { received_on: "2025-01-31", currency: "USD", amount: "0.20", unattributed: "0.20" },
        { received_on: "2025-01-31", currency: "USD", amount: 0, unattributed: 0 },
        { received_on: "2025-01-31", currency: "JPY", amount: "1000", unattributed: 0 },
        { received_on: "2025-02-01", currency: "USD", amount: "5", unattributed: 0 },
      ],
    },
    [
      { received_on: "2025-01-31", currency: "USD", payments: 3, amount: "0.30", unattributed: "0.20" },
      { received_on: "2025-01-31", currency: "JPY", payments: 1, amount: "1000", unattributed: 0 },
      { received_on: "2025-02-01", currency: "USD", payments: 1, amount: "5", unattributed: 0 },
    ],
  );
});
