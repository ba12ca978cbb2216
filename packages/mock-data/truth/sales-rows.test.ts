import { expect, test } from "vitest";
import { computeTruth } from "./compute-truth.ts";
import type { Facts } from "./facts.ts";
import { allocated, miniWorld, paid } from "./mini-world.ts";

const truthOf = (facts: Partial<Facts>) => computeTruth(miniWorld(facts), [], []);
const totals = (facts: Partial<Facts>) => truthOf(facts).reports["total-sales"]?.[0]?.rows;
const months = (facts: Partial<Facts>) => truthOf(facts).reports["total-sales"]?.[1]?.rows;
const usd = { period: null, currency: "USD" };

test("an allocation paid in full is a sale in the month of the payment that reached its price", () => {
  const payments = [paid("400.00", "2025-01-12", { deviceId: "d1" }), paid("600.00", "2025-03-02", { deviceId: "d1" })];
  expect(months({ allocations: [allocated()], payments })).toEqual([
    { period: "2025-01-01", currency: "USD", allocations: 1, sales: 0, revenue: "0.00", open: 0, outstanding: "0.00" },
    { period: "2025-03-01", currency: "USD", allocations: 0, sales: 1, revenue: "1000.00", open: 0, outstanding: "0.00" },
  ]);
});

test("an allocation that was paid before it happened is sold on its own day", () => {
  const rows = months({
    allocations: [allocated({ on: "2025-02-10" })],
    payments: [paid("1000.00", "2025-01-12", { deviceId: "d1" })],
  });
  expect(rows).toEqual([
    { period: "2025-02-01", currency: "USD", allocations: 1, sales: 1, revenue: "1000.00", open: 0, outstanding: "0.00" },
  ]);
});

test("what a device payment has too much is credit and pays nothing else", () => {
  const allocations = [allocated(), allocated({ deviceId: "d2", locationId: "l2" })];
  const truth = truthOf({ allocations, payments: [paid("1300.00", "2025-01-12", { deviceId: "d1" })] });
  expect(truth.reports["total-sales"]?.[0]?.rows).toEqual([
    { ...usd, allocations: 2, sales: 1, revenue: "1000.00", open: 1, outstanding: "1000.00" },
  ]);
  expect(truth.money).toEqual([
    { currency: "USD", received: "1300.00", applied: "1000.00", credit: "300.00", unattributed: "0.00" },
  ]);
});

test("a payment with a customer alone fills that customer's allocations, oldest first", () => {
  const allocations = [
    allocated({ deviceId: "d2", locationId: "l2", on: "2025-01-20" }),
    allocated(),
    allocated({ deviceId: "d3", locationId: "l3" }),
  ];
  expect(totals({ allocations, payments: [paid("1300.00", "2025-01-05", { customerId: "c1" })] })).toEqual([
    { ...usd, allocations: 3, sales: 1, revenue: "1000.00", open: 2, outstanding: "1700.00" },
  ]);
});

test("a payment in another currency than the price's pays nothing", () => {
  const payments = [
    paid("1000.00", "2025-01-12", { deviceId: "d1", currency: "EUR" }),
    paid("1000.00", "2025-01-13", { customerId: "c1", currency: "EUR" }),
  ];
  const truth = truthOf({ allocations: [allocated()], payments });
  expect(truth.money).toEqual([
    { currency: "EUR", received: "2000.00", applied: "0.00", credit: "0.00", unattributed: "2000.00" },
  ]);
});

test("a reallocated device takes payments for the allocation valid at their time, the first one before that", () => {
  const allocations = [allocated(), allocated({ on: "2025-02-10", locationId: "l3", price: "600.00" })];
  const payments = [paid("700.00", "2025-01-02", { deviceId: "d1" }), paid("600.00", "2025-02-10", { deviceId: "d1" })];
  expect(totals({ allocations, payments })).toEqual([
    { ...usd, allocations: 2, sales: 1, revenue: "600.00", open: 1, outstanding: "300.00" },
  ]);
});

test("money for nobody, for unknown devices and of unknown customers is unattributed; of a customer without devices it is credit", () => {
  const payments = [
    paid("1.00", "2025-01-02"),
    paid("2.00", "2025-01-02", { deviceId: "dx", customerId: "c1" }),
    paid("4.00", "2025-01-02", { customerId: "cx" }),
    paid("8.00", "2025-01-02", { customerId: "c3" }),
  ];
  expect(truthOf({ payments }).money).toEqual([
    { currency: "USD", received: "15.00", applied: "0.00", credit: "8.00", unattributed: "7.00" },
  ]);
});

test("a location registered again takes its allocations to the new customer", () => {
  const locations = [
    ...miniWorld({}).locations,
    { eventId: "e-again", at: Date.UTC(2025, 5, 1), locationId: "l1", customerId: "c2" },
  ];
  expect(
    totals({ locations, allocations: [allocated()], payments: [paid("1000.00", "2025-01-12", { customerId: "c2" })] })?.[0],
  ).toMatchObject({ sales: 1 });
});

test("of two allocations of a device at one instant the newest id stands, and an allocation at an unknown location does not count", () => {
  const allocations = [
    allocated({ eventId: "b", price: "900.00" }),
    allocated({ eventId: "a" }),
    allocated({ deviceId: "d2", locationId: "lx" }),
  ];
  expect(totals({ allocations })).toEqual([
    { ...usd, allocations: 1, sales: 0, revenue: "0.00", open: 1, outstanding: "900.00" },
  ]);
});

test("products are told apart by name", () => {
  const allocations = [
    allocated(),
    allocated({ deviceId: "d2", product: "TuneBox Mini", price: "640.00" }),
    allocated({ deviceId: "d3", product: "SoundHall Pro" }),
  ];
  const rows = truthOf({ allocations, payments: [paid("1640.00", "2025-02-12", { customerId: "c1" })] }).reports[
    "product-sales"
  ]?.[0]?.rows;
  expect(rows).toEqual([
    { period: "2025-02-01", product: "MusicMaker3000", currency: "USD", sales: 1, revenue: "1000.00" },
    { period: "2025-02-01", product: "TuneBox Mini", currency: "USD", sales: 1, revenue: "640.00" },
  ]);
});

test("two payments with one payment id are one, the newest; without an id each is its own", () => {
  const payments = [
    paid("400.00", "2025-01-12", { deviceId: "d1", paymentId: "p" }),
    paid("450.00", "2025-01-13", { deviceId: "d1", paymentId: "p" }),
    paid("100.00", "2025-01-14", { deviceId: "d1", paymentId: undefined }),
    paid("200.00", "2025-01-14", { deviceId: "d1", paymentId: undefined }),
    paid("0.00", "2025-01-15", { deviceId: "d1" }),
  ];
  const truth = truthOf({ allocations: [allocated()], payments });
  expect(truth.reports["total-sales"]?.[0]?.rows).toMatchObject([{ open: 1, outstanding: "250.00" }]);
  expect(truth.reports["cash-received"]?.[0]?.rows).toMatchObject([{ payments: 4, amount: "750.00" }]);
});
