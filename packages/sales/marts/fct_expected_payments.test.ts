import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { describe, test } from "vitest";
import { fctExpectedPayments } from "./fct_expected_payments.ts";

const given = givenRows(fctExpectedPayments);
const givenInRome = givenRows(fctExpectedPayments, { zone: "Europe/Rome" });

const allocation = { allocation_id: key(1), price: "100.00", currency: "USD", allocated_at: "2025-01-31T23:30:00Z" };
const inParts = (instalments: number, more: object = {}) => ({
  "sales.allocation": [{ ...allocation, instalments, instalment_interval: "month", first_due: "2025-02-15", ...more }],
});
const amounts = (...parts: string[]) => parts.map((amount, n) => ({ instalment: n + 1, amount }));
const due = (...days: string[]) => days.map((due_on, n) => ({ instalment: n + 1, due_on }));

test("without terms the price is due on the allocation's business day", async () => {
  await given({ "sales.allocation": [allocation] }, [{ instalment: 1, amount: "100", currency: "USD", due_on: "2025-01-31" }]);
  await givenInRome({ "sales.allocation": [allocation] }, [{ instalment: 1, amount: "100", due_on: "2025-02-01" }]);
});

describe("what does not divide goes to the earlier instalments", () => {
  test("a cent each", async () => {
    await given(inParts(3), amounts("33.34", "33.33", "33.33"));
    await given(inParts(6, { price: "100.04" }), amounts("16.68", "16.68", "16.67", "16.67", "16.67", "16.67"));
  });

  test("and nothing is added, however large the price: a quotient is cut off, never rounded up", async () => {
    const parts = [...Array.from({ length: 32 }, () => "18503324566210.697"), "18503324566210.696"];
    await given(inParts(33, { price: "610609710684953", currency: "KWD" }), amounts(...parts));
  });

  test("a yen each, for there is nothing smaller", async () => {
    await given(inParts(3, { price: "1000", currency: "JPY" }), amounts("334", "333", "333"));
  });

  test("a thousandth of a dinar each", async () => {
    await given(inParts(3, { price: "1", currency: "KWD" }), amounts("0.334", "0.333", "0.333"));
  });

  test("and less than a cent to the first", async () => {
    await given(inParts(2, { price: "0.015" }), amounts("0.015", "0"));
  });

  test.each([
    [7, 5],
    [12, 253_500],
    [1200, 9_999_999],
  ])("in %d parts of %d cents as in any others", async (instalments, cents) => {
    const parts = Array.from(
      { length: instalments },
      (_, n) => Math.floor(cents / instalments) + (n < cents % instalments ? 1 : 0),
    );
    await given(
      inParts(instalments, { price: (cents / 100).toFixed(2) }),
      amounts(...parts.map((part) => (part / 100).toFixed(2))),
    );
  });
});

describe("an instalment is due", () => {
  test("on the same day of the month, or on the month's last", async () => {
    await given(inParts(4, { first_due: "2024-01-31" }), due("2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"));
  });

  test("each quarter, each week, each year, whatever year it is", async () => {
    await given(
      inParts(3, { instalment_interval: "quarter", first_due: "2024-11-30" }),
      due("2024-11-30", "2025-02-28", "2025-05-30"),
    );
    await given(
      inParts(3, { instalment_interval: "week", first_due: "2024-12-25" }),
      due("2024-12-25", "2025-01-01", "2025-01-08"),
    );
    await given(inParts(2, { instalment_interval: "year", first_due: "2024-02-29" }), due("2024-02-29", "2025-02-28"));
  });
});
