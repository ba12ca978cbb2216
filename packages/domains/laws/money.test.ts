import { lawCases } from "@jukebase/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Jukebase } from "../open.ts";
import { openedForTest } from "../opened.testing.ts";
import type { Sent } from "./arbitrary-case.ts";
import { exact, sum } from "./exact.ts";
import { forgetAll, settle, takeIn } from "./world.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

// Up to 15 digits before the point and 6 behind it: more than a float can hold.
const amount = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.stringMatching(/^[0-9]{0,6}$/))
  .map(([whole, fraction]) => (fraction === "" ? `${whole}` : `${whole}.${fraction}`));
const price = amount.filter((text) => exact(text) > 0n);
const currency = fc.constantFrom("USD", "EUR", "JPY", "KWD");
const world = fc.record({
  price,
  currency,
  instalments: fc.integer({ min: 1, max: 60 }),
  payments: fc.array(amount, { maxLength: 6 }),
});
type World = { price: string; currency: string; instalments: number; payments: string[] };

const casesPerRound = 250;

describe("law 6: money is exact", () => {
  it(
    "from the event to every mart, to the last decimal, whatever is paid and however the price is divided",
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(world, { minLength: casesPerRound, maxLength: casesPerRound }), async (worlds) => {
          await forgetAll(jukebase);
          const placed = worlds.flatMap((one, n) => eventsOf(one).map((event) => ({ source: `case-${n}`, event })));
          await takeIn(jukebase, placed, () => false);
          await settle(jukebase);
          await Promise.all([salesAreExact(worlds), instalmentsAreExact(worlds), cashIsExact(worlds)]);
        }),
        { numRuns: Math.ceil(lawCases() / casesPerRound), endOnFailure: true },
      );
    },
    lawCases() * 1000 + 60_000,
  );
});

function eventsOf({ price: DevicePrice, currency: Currency, instalments, payments }: World): Sent[] {
  const OccurredAt = "2025-03-01T00:00:00Z";
  const terms = { instalments, interval: "month", first_due: "2025-03-31" };
  return [
    { id: "c", type: "Sale.CustomerRegistered", data: { CustomerId: "1", CustomerName: "Ann", OccurredAt } },
    { id: "l", type: "Sale.LocationRegistered", data: { LocationId: "1", CustomerId: "1", OccurredAt } },
    {
      id: "a",
      type: "Sale.DeviceAllocated",
      data: {
        DeviceId: "1",
        LocationAllocatedId: "1",
        SellingAgent: { AgentId: "1" },
        DeviceDetails: { DevicePrice, Currency, DeviceName: "M" },
        PaymentTerms: terms,
        OccurredAt,
      },
    },
    ...payments.map((PaymentAmount, n) => ({
      id: `p${n}`,
      type: "Payment.PaymentReceived",
      data: { PaymentAmount, Currency, DeviceId: "1", OccurredAt: `2025-03-0${n + 2}T00:00:00Z` },
    })),
  ];
}

async function salesAreExact(worlds: readonly World[]): Promise<void> {
  const rows = await read<{ source: string; price: string; paid: string; outstanding: string; status: string }>(
    `select log.source, price::text, paid::text, outstanding::text, status from marts.fct_sales join events.log on log.log_id = fct_sales.allocation_id`,
  );
  expect(rows).toHaveLength(worlds.length);
  for (const row of rows) {
    const { price: asked, payments } = worldOf(worlds, row.source);
    const given = sum(payments);
    const isShort = given < exact(asked);
    const paid = isShort ? given : exact(asked);
    expect([exact(row.price), exact(row.paid), exact(row.outstanding), row.status]).toEqual([
      exact(asked),
      paid,
      exact(asked) - paid,
      isShort ? "open" : "sold",
    ]);
  }
}

async function instalmentsAreExact(worlds: readonly World[]): Promise<void> {
  const rows = await read<{ source: string; parts: string[] }>(
    `select log.source, array_agg(amount::text order by instalment) as parts
     from marts.fct_expected_payments join events.log on log.log_id = fct_expected_payments.allocation_id group by log.source`,
  );
  for (const { source, parts } of rows) {
    const { price: asked, currency: unitOf, instalments } = worldOf(worlds, source);
    expect(parts).toHaveLength(instalments);
    expect(sum(parts)).toBe(exact(asked));
    const unit = exact({ JPY: "1", KWD: "0.001" }[unitOf] ?? "0.01");
    const last = exact(parts.at(-1) as string);
    for (const part of parts) expect(exact(part) - last).toBeLessThan(2n * unit);
    for (const part of parts.slice(1)) expect(exact(part) % unit).toBe(0n);
  }
}

async function cashIsExact(worlds: readonly World[]): Promise<void> {
  const rows = await read<{ currency: string; amount: string; whole: string }>(
    `select currency, sum(amount)::text as amount, (select sum(applied + credit + unattributed)::text from marts.fct_payments where fct_payments.currency = daily.currency) as whole
     from marts.fct_daily_cash_received as daily group by currency`,
  );
  for (const row of rows) {
    const given = sum(worlds.filter((one) => one.currency === row.currency).flatMap((one) => one.payments));
    expect([exact(row.amount), exact(row.whole)]).toEqual([given, given]);
  }
}

function worldOf(worlds: readonly World[], source: string): World {
  return worlds[Number(source.replace("case-", ""))] as World;
}

async function read<Row extends Record<string, unknown>>(text: string): Promise<Row[]> {
  return (await jukebase.database.pg.query<Row>(text)).rows;
}
