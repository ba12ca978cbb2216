import { afterAll, beforeAll, expect, it } from "vitest";
import { catchUp } from "./catch-up.ts";
import type { Sent } from "./laws/arbitrary-case.ts";
import { takeIn } from "./laws/world.ts";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";
import { parkedEvents, retryParked } from "./parked.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

it("an event that a table refuses is parked alone, and counts once the table takes it", async () => {
  const payment = (id: string, PaymentAmount: number): Sent => ({
    id,
    type: "Payment.PaymentReceived",
    data: { PaymentAmount, OccurredAt: "2025-03-01T00:00:00Z" },
  });
  await jukebase.database.pg.query("alter table sales.payment_receipt add constraint no_thirteen check (amount <> 13)");
  await takeIn(
    jukebase,
    [payment("a", 5), payment("b", 13), payment("c", 7)].map((event) => ({ source: "till", event })),
    () => false,
  );
  await catchUp(jukebase);
  expect(await cash()).toBe("12");
  expect(await parkedEvents(jukebase)).toMatchObject([{ projection: "sales", error: expect.stringContaining("no_thirteen") }]);

  expect(await retryParked(jukebase)).toEqual({ tried: 1, parked: 1 });
  await jukebase.database.pg.query("alter table sales.payment_receipt drop constraint no_thirteen");
  expect(await retryParked(jukebase)).toEqual({ tried: 1, parked: 0 });
  expect(await cash()).toBe("25");
  expect(await parkedEvents(jukebase)).toEqual([]);
});

async function cash(): Promise<string | undefined> {
  const found = await jukebase.database.pg.query<{ amount: string }>(
    "select sum(amount) as amount from marts.fct_daily_cash_received",
  );
  return found.rows[0]?.amount;
}
