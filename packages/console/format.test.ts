import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDecimals, significantDigits } from "./decimal.ts";
import { formatMoney, formatNumber, formatValue, heading } from "./format.ts";
import { sortRows } from "./sort.ts";

const field = (type: "text" | "money" | "integer" | "timestamp" | "date" | "boolean" | "numeric") => ({
  name: "x",
  type,
  description: "",
});
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt(0n, 10n ** 30n), fc.integer({ min: 0, max: 12 }))
  .map(([minus, digits, places]) => {
    const text = digits.toString().padStart(places + 1, "0");
    const whole = text.slice(0, text.length - places);
    return `${minus && digits > 0n ? "-" : ""}${whole}${places > 0 ? `.${text.slice(-places)}` : ""}`;
  });

describe("formatting", () => {
  it("money keeps every digit of its decimal string", () => {
    fc.assert(fc.property(decimal, (amount) => compareDecimals(formatMoney(amount, "EUR").replaceAll(",", ""), amount) === 0));
  });

  it("money has at least the digits of its currency", () => {
    expect([
      formatMoney("12.5", "EUR"),
      formatMoney("12", "JPY"),
      formatMoney("12", "KWD"),
      formatMoney("9007199254740993.12", "USD"),
      formatMoney("0.00125000", "USD"),
      formatMoney("3", "USD (cents)"),
    ]).toEqual(["12.50", "12", "12.000", "9,007,199,254,740,993.12", "0.00125", "3"]);
  });

  it("whole numbers are grouped and what is no number is shown as it is", () => {
    expect([formatNumber("1234567"), formatNumber("-1200.500"), formatNumber("NaN")]).toEqual(["1,234,567", "-1,200.5", "NaN"]);
  });

  it("an instant is shown in the asked zone, whatever a driver writes for it", () => {
    for (const value of ["2024-07-10T22:30:00Z", "2024-07-10 22:30:00+00", Date.UTC(2024, 6, 10, 22, 30)]) {
      expect(formatValue(field("timestamp"), value, {}, "Europe/Rome")).toBe("2024-07-11 00:30 GMT+2");
    }
    expect(formatValue(field("timestamp"), "2024-07-10T22:30:09Z")).toBe("2024-07-10 22:30:09 UTC");
  });

  it("null is empty, a boolean is a word, a column name becomes a heading", () => {
    expect([
      formatValue(field("money"), null),
      formatValue(field("boolean"), true),
      heading("outstanding_amount"),
      heading("customer_id"),
    ]).toEqual(["", "yes", "Outstanding amount", "Customer ID"]);
  });

  it("only digits that carry information count as significant", () => {
    expect(["0.00120", "1200.00", "123456789012345.6", "0"].map(significantDigits)).toEqual([2, 2, 16, 0]);
  });

  it("rows are ordered exactly, beyond what a double can tell apart, empty ones last", () => {
    const rows = ["9007199254740993.1", null, "9007199254740993.2", "-1", "10", "9"].map((x) => ({ x }));
    const order = (descending: boolean) => sortRows([field("money")], rows, { column: "x", descending }).map(({ x }) => x);
    expect(order(false)).toEqual(["-1", "9", "10", "9007199254740993.1", "9007199254740993.2", null]);
    expect(order(true)).toEqual(["9007199254740993.2", "9007199254740993.1", "10", "9", "-1", null]);
  });
});
