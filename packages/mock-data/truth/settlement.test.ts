import { Decimal } from "decimal.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shuffled } from "../shuffle.ts";
import { computeTruth } from "./compute-truth.ts";
import type { Facts } from "./facts.ts";
import { allocated, miniWorld, paid } from "./mini-world.ts";

const day = fc.integer({ min: 10, max: 28 }).map((number) => `2025-0${1 + (number % 3)}-${number}`);
const currency = fc.constantFrom("USD", "USD", "EUR");
const amount = fc.integer({ min: 1, max: 200_000 }).map((cents) => (cents / 100).toFixed(2));
const device = fc.constantFrom("d1", "d2", "d3", "d4");
const facts = fc
  .record({
    allocations: fc.array(
      fc.record({ deviceId: device, locationId: fc.constantFrom("l1", "l2", "l3", "lx"), price: amount, currency, on: day }),
      { maxLength: 8 },
    ),
    payments: fc.array(
      fc.record({
        amount,
        currency,
        on: day,
        deviceId: fc.option(device, { nil: undefined }),
        customerId: fc.option(fc.constantFrom("c1", "c2", "c3", "cx"), { nil: undefined }),
      }),
      { maxLength: 15 },
    ),
  })
  .map(
    ({ allocations, payments }): Facts =>
      miniWorld({
        allocations: allocations.map((over, index) => allocated({ ...over, eventId: `s${index}` })),
        payments: payments.map(({ amount: value, on, ...over }, index) => paid(value, on, { ...over, eventId: `p${index}` })),
      }),
  );

test("every cent received is applied, credit or unattributed, and no order of facts changes the answers", () => {
  fc.assert(
    fc.property(facts, fc.integer(), (world, seed) => {
      const truth = computeTruth(world, [], []);
      for (const row of truth.money) expect(sum([row.applied, row.credit, row.unattributed])).toBe(row.received);
      const mixed = {
        ...world,
        allocations: shuffled(world.allocations, seed),
        payments: shuffled(world.payments, seed),
        locations: shuffled(world.locations, seed),
      };
      expect(computeTruth(mixed, [], [])).toEqual(truth);
    }),
  );
});

test("allocations are sold or open, and their prices are revenue, part payments and what is outstanding", () => {
  fc.assert(
    fc.property(facts, (world) => {
      const truth = computeTruth(world, [], []);
      for (const row of truth.reports["total-sales"]?.[0]?.rows ?? []) {
        expect(Number(row.sales) + Number(row.open)).toBe(row.allocations);
        const months = truth.reports["total-sales"]?.[1]?.rows.filter((month) => month.currency === row.currency) ?? [];
        for (const column of ["revenue", "outstanding"]) expect(sum(months.map((month) => month[column]))).toBe(row[column]);
        const last = truth.reports["cash-expected"]?.[0]?.rows.findLast((month) => month.currency === row.currency);
        expect(last?.outstanding).toBe(row.outstanding);
      }
    }),
  );
});

function sum(amounts: readonly unknown[]): string {
  return amounts.reduce<Decimal>((total, value) => total.plus(String(value)), new Decimal(0)).toFixed(2);
}
