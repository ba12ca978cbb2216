import { declareSource, take } from "@jukebase/events";
import { pgExecutor, readConfig } from "@jukebase/platform";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { builtDatabase } from "./built.testing.ts";
import { catchUp } from "./catch-up.ts";
import { type Jukebase, openJukebase } from "./open.ts";
import { asOfWords, findReport, runReport } from "./run-report.ts";

let database: TestDatabase;
let jukebase: Jukebase;

beforeAll(async () => {
  database = await builtDatabase();
  const environment = { DATABASE_URL: database.url, JUKEBASE_KEY: Buffer.alloc(32, 7).toString("base64") };
  const clock = { now: () => new Date("2026-03-01T12:00:00Z") };
  jukebase = await openJukebase(readConfig(environment, "."), { connections: 2, clock });
});

afterAll(async () => {
  await jukebase.close();
  await database.drop();
});

const month = { grain: "month", where: {}, options: {} } as const;

function purchase(id: string, price: string): Parameters<typeof take>[1][number] {
  const envelope = {
    id,
    type: "Logistic.DevicePurchased",
    data: { DeviceId: id, DeviceDetails: { DevicePrice: price, DeviceName: "TuneBox" }, OccurredAt: "2026-02-03" },
  };
  return { line: 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } };
}

async function receive(id: string, price: string): Promise<void> {
  await take(jukebase, [purchase(id, price)], { source: await declareSource(pgExecutor(jukebase.database.pg), "main") });
}

test("a report over an empty log says that it stands before the first event", async () => {
  const { rows, as_of } = await runReport(jukebase, findReport(jukebase, "cash-spent"), month);
  expect({ rows, as_of }).toEqual({ rows: [], as_of: { seq: 0, at: null, by: { sales: 0 } } });
  expect(asOfWords(as_of)).toBe("before the first event");
});

test("an answer carries the position of its marts, not of the log", async () => {
  await receive("1", "10.50");
  await catchUp(jukebase);
  await receive("2", "99");
  const { rows, as_of } = await runReport(jukebase, findReport(jukebase, "cash-spent"), month);
  expect(rows).toEqual([{ period: "2026-02-01", currency: "USD", purchases: 1, amount: "10.50" }]);
  expect(as_of).toEqual({ seq: 1, at: "2026-03-01T12:00:00Z", by: { sales: 1 } });
  expect(asOfWords(as_of)).toBe("batch 1, received 2026-03-01 12:00:00 UTC");
});

test("a mart that is computed when read stands where its domain has read to", async () => {
  await catchUp(jukebase);
  const { as_of } = await runReport(
    jukebase,
    { ...findReport(jukebase, "cash-spent"), marts: ["dim_devices", "fct_plays"] },
    month,
  );
  expect(as_of).toMatchObject({ seq: 2, by: { music: 2, sales: 2 } });
});

test("an unknown report is not found, and the known ones are named", () => {
  expect(() => findReport(jukebase, "profits")).toThrow(/total-sales/);
});
