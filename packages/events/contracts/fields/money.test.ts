import { describe, expect, test } from "vitest";
import { readMoney } from "./money.ts";
import { becomes, isRefusedAs, notScalars, testReadings } from "./readings.testing.ts";

describe("an amount is exact decimal text without trailing zeros", () => {
  testReadings(
    (value) => readMoney(value, "any"),
    [
      [250, becomes("250")],
      [250.5, becomes("250.5")],
      ["250.00", becomes("250")],
      ["250.10", becomes("250.1")],
      ["0250", becomes("250")],
      ["$500", becomes("500")],
      ["$ 500", becomes("500")],
      ["1,250.00", becomes("1250")],
      ["€1,250.00", becomes("1250")],
      ["1,250", becomes("1250")],
      ["1,234,567.8", becomes("1234567.8")],
      ["USD 5", becomes("5")],
      ["5 usd", becomes("5")],
      ["5€", becomes("5")],
      ["-5", becomes("-5")],
      ["-$5", becomes("-5")],
      ["$-5", becomes("-5")],
      ["-0.00", becomes("0")],
      [-0, becomes("0")],
      ["0.123456789012345678", becomes("0.123456789012345678")],
      ["12345678901234567890.12", becomes("12345678901234567890.12")],
    ],
  );
});

describe("what could be read in two ways, or not at all, is refused", () => {
  testReadings(
    (value) => readMoney(value, "any"),
    [
      ["1.234,56", isRefusedAs("ambiguous-amount")],
      ["12,34", isRefusedAs("ambiguous-amount")],
      ["1,25", isRefusedAs("ambiguous-amount")],
      ["1,2345", isRefusedAs("ambiguous-amount")],
      ["€12,34", isRefusedAs("ambiguous-amount")],
      ["1e3", isRefusedAs("not-an-amount")],
      [1e21, isRefusedAs("not-an-amount")],
      [1e-7, isRefusedAs("not-an-amount")],
      ["NaN", isRefusedAs("not-an-amount")],
      [Number.NaN, isRefusedAs("not-an-amount")],
      ["Infinity", isRefusedAs("not-an-amount")],
      [Number.POSITIVE_INFINITY, isRefusedAs("not-an-amount")],
      ["", isRefusedAs("not-an-amount")],
      ["--5", isRefusedAs("not-an-amount")],
      ["(5)", isRefusedAs("not-an-amount")],
      [".5", isRefusedAs("not-an-amount")],
      ["5.", isRefusedAs("not-an-amount")],
      ["0x10", isRefusedAs("not-an-amount")],
      ["XXQ 5", isRefusedAs("unknown-currency")],
      ["$5 USD", isRefusedAs("unknown-currency")],
      ["9".repeat(41), isRefusedAs("too-long")],
      [true, isRefusedAs("wrong-type")],
      ...notScalars,
    ],
  );
});

test("a field that is not negative takes nothing, but no negative amount", () => {
  expect(readMoney(0, "not negative")).toMatchObject({ ok: true, value: "0" });
  expect(readMoney("-0.01", "not negative")).toMatchObject({ code: "negative" });
});

test("a positive field takes neither nothing nor a negative amount", () => {
  expect(readMoney("0.00", "positive")).toMatchObject({ code: "not-positive" });
  expect(readMoney(-1, "positive")).toMatchObject({ code: "negative" });
  expect(readMoney("0.001", "positive")).toMatchObject({ ok: true, value: "0.001" });
});

test("a sign or a code says which currencies are possible, likeliest first", () => {
  expect(readMoney("€5", "any")).toMatchObject({ currencies: ["EUR"] });
  expect(readMoney("gbp 5", "any")).toMatchObject({ currencies: ["GBP"] });
  expect(readMoney("$5", "any")).toMatchObject({ currencies: expect.arrayContaining(["USD", "CAD"]) });
  expect(readMoney(5, "any")).not.toHaveProperty("currencies");
});
