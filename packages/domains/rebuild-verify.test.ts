import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { arbitraryCase, type Sent } from "./laws/arbitrary-case.ts";
import { forgetEach, settle, takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { rebuild } from "./rebuild.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});
beforeEach(() => forgetEach(jukebase));
afterAll(() => close?.());

const actor = "cli:test";
const payment = (id: string, PaymentAmount: number): Sent => ({
  id,
  type: "Payment.PaymentReceived",
  data: { PaymentAmount, OccurredAt: "2025-03-01T00:00:00Z" },
});

describe("a verification", () => {
  it("finds no difference where there is none, and swaps nothing", async () => {
    await manyCases(6);
    const before = await storesOf("sales");
    expect(await rebuild(jukebase, { actor, verify: true })).toMatchObject({ swapped: false, differences: [] });
    expect(await storesOf("sales")).toBe(before);
  });

  it("names the table and the rows that differ, on both sides", async () => {
    await takeAndSettle(payment("a", 5), payment("b", 6));
    await jukebase.database.pg.query(
      "update sales.payment set amount = 7 where amount = 5; delete from sales.payment_receipt where amount = 6",
    );
    const { differences } = await rebuild(jukebase, { actor, verify: true });
    expect(differences.map(({ relation, only_live, only_rebuilt }) => [relation, only_live, only_rebuilt])).toEqual([
      ["sales.payment", 1, 1],
      ["sales.payment_receipt", 0, 1],
    ]);
    expect(differences[0]?.examples[0]).toMatch(/^only live: .*"amount": 7/);
  });

  it("compares at the position of what is live, also when that lags behind the log", async () => {
    await takeAndSettle(payment("a", 5));
    await takeIn(jukebase, [{ source: "till", event: payment("b", 6) }], () => false);
    expect(await rebuild(jukebase, { actor, verify: true })).toMatchObject({ differences: [] });
  });
});

/** Many small worlds with amendments, retractions, late parents and what is broken, taken in at any pace. */
async function manyCases(seed: number, cases = 40): Promise<void> {
  const worlds = fc.sample(arbitraryCase, { numRuns: cases, seed });
  const placed = worlds.flatMap((events, n) => events.map((event) => ({ source: `case-${n}`, event })));
  await takeIn(jukebase, placed, (batch) => batch % 7 === 0);
  await settle(jukebase);
}

async function takeAndSettle(...events: readonly Sent[]): Promise<void> {
  await takeIn(
    jukebase,
    events.map((event) => ({ source: "till", event })),
    () => false,
  );
  await settle(jukebase);
}

async function storesOf(projection: string): Promise<string> {
  const found = await rows(
    "select string_agg(store, ' ' order by store) as stores from marts_store.mart where projections = array[$1]",
    [projection],
  );
  return String(found[0]?.stores);
}

async function rows(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
  return (await jukebase.database.pg.query(text, [...values])).rows;
}
