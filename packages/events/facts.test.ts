import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LoadSummary, load, take } from "./load.ts";
import { lines, openTestLog, outcomesOf, type TestLog } from "./log.testing.ts";
import { visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
});
afterAll(() => log?.close());

const coffee = visited("m", {}, { Spent: "2" });
const tea = visited("m", {}, { Spent: "3" });

describe("facts without an id", () => {
  test("that are equal are as many facts as there are rows, also across the chunks of a load", async () => {
    expect(await loadAll([coffee, coffee, tea, coffee, coffee, coffee], 2)).toMatchObject({
      received: 6,
      logged: 6,
      duplicates: 0,
    });
    expect(await spent()).toEqual({ "2": 5, "3": 1 });
  });

  test("add nothing when they are loaded again, in other chunks and another order", async () => {
    await loadAll([coffee, coffee, tea, coffee], 2);
    expect(await loadAll([coffee, tea, coffee, coffee], 3)).toMatchObject({ received: 4, logged: 0, duplicates: 4 });
    expect(await spent()).toEqual({ "2": 3, "3": 1 });
  });

  test("add only what is more when the file has grown", async () => {
    await loadAll([coffee, coffee], 10);
    expect(await loadAll([coffee, coffee, coffee, tea], 3)).toMatchObject({ logged: 2, duplicates: 2 });
    expect(await spent()).toEqual({ "2": 3, "3": 1 });
  });

  test("count on where a load was cut off, when it is loaded again from the start", async () => {
    await expect(load(log, cutOff([coffee, coffee, coffee]), { source, name: "cut", chunk: 2 })).rejects.toThrow(
      "the archive ends",
    );
    expect(await spent()).toEqual({ "2": 3 });
    expect(await loadAll([coffee, coffee, coffee, coffee], 2)).toMatchObject({ logged: 1, duplicates: 3 });
  });

  test("leave no counting behind when their load is over", async () => {
    await loadAll([coffee, coffee], 1);
    expect(await log.rows("select 1 from events.occurrence")).toEqual([]);
  });

  test("are told apart by a request's Idempotency-Key, and repeated requests by its being the same", async () => {
    const request = (scope: string): Promise<string[]> => take(log, lines(coffee, coffee), { source, scope }).then(outcomesOf);
    expect(await request("monday")).toEqual(["accepted", "accepted"]);
    expect(await request("monday")).toEqual(["duplicate", "duplicate"]);
    expect(await request("tuesday")).toEqual(["accepted", "accepted"]);
    expect(await spent()).toEqual({ "2": 4 });
  });

  test("stand beside equal ones that have an id", async () => {
    const named = { ...coffee, id: "c1" };
    expect(await loadAll([coffee, named, coffee], 10)).toMatchObject({ logged: 3 });
    expect(await loadAll([named, coffee, coffee], 10)).toMatchObject({ logged: 0, duplicates: 3 });
  });

  test("are other facts under another source", async () => {
    await loadAll([coffee], 10);
    source = await log.source();
    expect(await loadAll([coffee], 10)).toMatchObject({ logged: 1, duplicates: 0 });
  });
});

describe("a load", () => {
  test("remembers what it counted and how far it read, and says so as it goes", async () => {
    const progress: number[] = [];
    const summary = await load(log, received([coffee, { ...coffee, id: "x" }, { type: "Shop.Unheard", data: {} }]), {
      source,
      name: "coffee.ndjson",
      chunk: 2,
      onProgress: (now) => progress.push(now.received),
    });
    expect(summary).toMatchObject({ received: 3, logged: 2, duplicates: 0, quarantined: 1, read_to: 30 });
    expect(progress).toEqual([2, 3]);
    expect(await log.rows("select name, status, received, logged, quarantined, read_to, error from events.load")).toEqual([
      { name: "coffee.ndjson", status: "done", received: 3, logged: 2, quarantined: 1, read_to: 30, error: null },
    ]);
  });

  test("that fails keeps what came before, and says why", async () => {
    await expect(load(log, cutOff([coffee, tea, tea]), { source, name: "cut", chunk: 2 })).rejects.toThrow("the archive ends");
    expect(await log.rows("select status, received, logged, error from events.load")).toEqual([
      { status: "failed", received: 3, logged: 3, error: "the archive ends" },
    ]);
  });

  test("of which a chunk cannot be written fails with it, and counts only what is committed", async () => {
    await log.rows(
      "create or replace function events.fail () returns trigger language plpgsql as $$ begin raise 'disk full'; end $$",
    );
    await log.rows(
      "create trigger fail before insert on events.log for each row when (new.ordinal = 1) execute function events.fail()",
    );
    try {
      await expect(loadAll([coffee, coffee, coffee], 2)).rejects.toThrow("disk full");
      expect(await log.rows("select status, received from events.load")).toEqual([{ status: "failed", received: 0 }]);
    } finally {
      await log.rows("drop trigger fail on events.log");
    }
  });
});

function loadAll(envelopes: readonly RawEnvelope[], chunk: number): Promise<LoadSummary> {
  return load(log, received(envelopes), { source, name: "visits", chunk });
}

async function* received(envelopes: readonly RawEnvelope[]): AsyncGenerator<Received> {
  for (const [n, item] of lines(...envelopes).entries()) yield { ...item, end: (n + 1) * 10 };
}

async function* cutOff(envelopes: readonly RawEnvelope[]): AsyncGenerator<Received> {
  yield* received(envelopes);
  throw new Error("the archive ends");
}

async function spent(): Promise<Record<string, number>> {
  const rows = await log.rows("select data ->> 'Spent' as spent, count(*)::int as n from events.log group by 1 order by 1");
  return Object.fromEntries(rows.map(({ spent, n }) => [spent, n]));
}
