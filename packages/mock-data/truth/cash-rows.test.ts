import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { instantOf } from "../instants.ts";
import { computeTruth } from "./compute-truth.ts";
import { splitEvenly } from "./decimals.ts";
import { duesOf } from "./expected-rows.ts";
import type { Facts } from "./facts.ts";
import { allocated, miniWorld, paid } from "./mini-world.ts";

const rowsOf = (report: string, facts: Partial<Facts>) => computeTruth(miniWorld(facts), [], []).reports[report]?.[0]?.rows;

test("instalments of month ends fall on the last day of shorter months, and the first take the cents left over", () => {
  const dues = duesOf(allocated({ price: "100.01", terms: { instalments: 3, interval: "month", firstDue: "2025-01-31" } }));
  expect(dues.map((due) => [due.date, due.amount.toFixed(2)])).toEqual([
    ["2025-01-31", "33.34"],
    ["2025-02-28", "33.34"],
    ["2025-03-31", "33.33"],
  ]);
});

test("weeks, quarters and years are counted from the first due date", () => {
  const dates = (interval: "week" | "quarter" | "year") =>
    duesOf(allocated({ terms: { instalments: 2, interval, firstDue: "2024-02-29" } })).map((due) => due.date);
  expect([dates("week"), dates("quarter"), dates("year")]).toEqual([
    ["2024-02-29", "2024-03-07"],
    ["2024-02-29", "2024-05-29"],
    ["2024-02-29", "2025-02-28"],
  ]);
});

test("the parts of an amount always add up to it and differ by a cent at most", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000_000 }), fc.integer({ min: 1, max: 60 }), (cents, parts) => {
      const split = splitEvenly(new Decimal(cents).dividedBy(100), parts).map((part) => part.times(100).toNumber());
      expect(split.reduce((sum, part) => sum + part, 0)).toBe(cents);
      expect((split[0] as number) - (split.at(-1) as number)).toBeLessThanOrEqual(1);
    }),
  );
});

test("expected cash lists every month between the first and the last, with what is outstanding at its end", () => {
  const allocations = [allocated({ terms: { instalments: 2, interval: "quarter", firstDue: "2025-02-15" } })];
  const payments = [paid("300.00", "2025-01-02", { deviceId: "d1" }), paid("50.00", "2025-03-02")];
  expect(rowsOf("cash-expected", { allocations, payments })).toEqual([
    { period: "2025-01-01", currency: "USD", expected: "0.00", received: "300.00", net: "300.00", outstanding: "700.00" },
    { period: "2025-02-01", currency: "USD", expected: "500.00", received: "0.00", net: "-500.00", outstanding: "700.00" },
    { period: "2025-03-01", currency: "USD", expected: "0.00", received: "50.00", net: "50.00", outstanding: "700.00" },
    { period: "2025-04-01", currency: "USD", expected: "0.00", received: "0.00", net: "0.00", outstanding: "700.00" },
    { period: "2025-05-01", currency: "USD", expected: "500.00", received: "0.00", net: "-500.00", outstanding: "700.00" },
  ]);
});

test("money that came before its allocation lowers what is outstanding from the allocation on", () => {
  const facts = { allocations: [allocated({ on: "2025-02-10" })], payments: [paid("300.00", "2025-01-02", { deviceId: "d1" })] };
  expect(rowsOf("cash-expected", facts)?.map((row) => row.outstanding)).toEqual(["0.00", "700.00"]);
});

test("cash received counts every payment and names what is unattributed", () => {
  const payments = [paid("300.00", "2025-01-02", { deviceId: "d1" }), paid("50.00", "2025-01-31")];
  expect(rowsOf("cash-received", { allocations: [allocated()], payments })).toEqual([
    { period: "2025-01-01", currency: "USD", payments: 2, amount: "350.00", unattributed: "50.00" },
  ]);
});

test("cash spent sums the purchases of a month per currency", () => {
  const bought = { product: "TuneBox Mini", at: instantOf("2025-01-05") };
  const purchases = [
    { ...bought, eventId: "1", deviceId: "d1", price: "250.00", currency: "USD" },
    { ...bought, eventId: "2", deviceId: "d2", price: "230.50", currency: "USD" },
    { ...bought, eventId: "3", deviceId: "d3", price: "210.00", currency: "EUR" },
  ];
  expect(rowsOf("cash-spent", { purchases })).toEqual([
    { period: "2025-01-01", currency: "EUR", purchases: 1, amount: "210.00" },
    { period: "2025-01-01", currency: "USD", purchases: 2, amount: "480.50" },
  ]);
});
