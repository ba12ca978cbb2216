import { givenRows, key } from "@jukebase/marts/given-rows.testing.ts";
import { expect, test } from "vitest";
import { fctSales } from "./fct_sales.ts";

const given = givenRows(fctSales);
const givenInRome = givenRows(fctSales, { zone: "Europe/Rome" });

const known = {
  "sales.device": [{ device_key: key(1), device_id: "d" }],
  "sales.product": [{ product_key: key(2), product_name: "MusicMaker3000" }],
  "sales.agent": [{ agent_key: key(3), agent_id: "ann" }],
  "sales.customer": [{ customer_key: key(5), customer_id: "c", customer_name: "Bar" }],
};
const keys = { device_key: key(1), product_key: key(2), agent_key: key(3), customer_key: key(5) };
const allocation = { ...keys, allocation_id: key(11), price: "100.00", currency: "USD", allocated_at: "2025-01-10T10:00:00Z" };
const pays = (amount: string, paid_at: string, allocation_id = key(11)) => ({
  payment_key: key(20),
  allocation_id,
  amount,
  paid_at,
});
const withPayments = (...applied: object[]) => ({
  ...known,
  "sales.allocation": [allocation],
  "sales.payment_application": applied as never[],
});

test("without a payment an allocation is open for its whole price", async () => {
  await given(withPayments(), [{ status: "open", paid: 0, outstanding: "100", sold_at: null, sold_on: null }]);
});

test("a cent short is open, the cent makes it a sale at that payment's instant", async () => {
  const parts = [pays("50", "2025-02-01T00:00:00Z"), pays("49.99", "2025-02-02T00:00:00Z")];
  await given(withPayments(...parts), [{ status: "open", paid: "99.99", outstanding: "0.01", sold_at: null }]);
  await given(withPayments(...parts, pays("0.01", "2025-02-03T00:00:00Z")), [
    { status: "sold", paid: "100", outstanding: 0, sold_at: "2025-02-03T00:00:00Z", sold_on: "2025-02-03" },
  ]);
});

test("what was paid before the allocation is a sale at the allocation", async () => {
  await given(withPayments(pays("100", "2025-01-01T00:00:00Z")), [{ status: "sold", sold_at: "2025-01-10T10:00:00Z" }]);
});

test("payment and allocation at one instant are a sale at that instant", async () => {
  await given(withPayments(pays("100", "2025-01-10T10:00:00Z")), [{ status: "sold", sold_at: "2025-01-10T10:00:00Z" }]);
});

test("each allocation is judged in its own currency by its own payments", async () => {
  const yen = { ...allocation, allocation_id: key(12), price: "9000", currency: "JPY" };
  const rows = await given(
    {
      ...known,
      "sales.allocation": [allocation, yen],
      "sales.payment_application": [pays("100", "2025-02-01T00:00:00Z"), pays("8999", "2025-02-01T00:00:00Z", key(12))],
    },
    [
      { currency: "USD", status: "sold", outstanding: 0 },
      { currency: "JPY", status: "open", outstanding: 1 },
    ],
  );
  expect(rows.map(({ paid }) => paid)).toEqual(["100", "8999"]);
});

test("a sale half an hour before midnight in Greenwich is of the next day in Rome", async () => {
  const paid = pays("100", "2025-01-31T23:30:00Z");
  await given(withPayments(paid), [{ sold_on: "2025-01-31", allocated_on: "2025-01-10" }]);
  await givenInRome(withPayments(paid), [{ sold_on: "2025-02-01", allocated_on: "2025-01-10" }]);
});
