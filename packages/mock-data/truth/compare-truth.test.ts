import { expect, test } from "vitest";
import { compareTruth } from "./compare-truth.ts";

const expected = [
  { period: "2025-01-01", currency: "USD", amount: "100.00" },
  { period: "2025-02-01", currency: "USD", amount: "5.00" },
];

test("equal answers have no difference, whatever their order and however a number is written", () => {
  const actual = [
    { period: "2025-02-01", currency: "USD", amount: 5, note: "more" },
    { period: "2025-01-01", currency: "USD", amount: "100" },
  ];
  expect(compareTruth(expected, actual, ["period", "currency"])).toEqual([]);
});

test("missing rows, rows too many and other values are told apart", () => {
  const actual = [
    { period: "2025-01-01", currency: "USD", amount: "100.01" },
    { period: "2025-03-01", currency: "USD", amount: "5.00" },
  ];
  expect(compareTruth(expected, actual, ["period", "currency"]).map(({ kind, key }) => [kind, key])).toEqual([
    ["missing row", "period=2025-02-01 currency=USD"],
    ["unexpected row", "period=2025-03-01 currency=USD"],
    ["different value", "period=2025-01-01 currency=USD"],
  ]);
});

test("a key that two rows share is an error of the caller", () => {
  expect(() => compareTruth(expected, [], ["currency"])).toThrow("two rows have the key currency=USD");
});
