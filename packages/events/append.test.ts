import { transaction } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { append, type Verdict } from "./append.ts";
import { judge } from "./judge.ts";
import { take } from "./load.ts";
import { lines, openTestLog, outcomesOf, send, type TestLog } from "./log.testing.ts";
import { joined, retracted, visited } from "./shop.testing.ts";
import type { RawEnvelope } from "./sources/index.ts";

let log: TestLog;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(() => log.empty());
afterAll(() => log?.close());

const broken: RawEnvelope = { type: "Shop.VisitMade", id: "b", data: { MemberId: "m" } };

describe("an event", () => {
  test("is accepted once; its repetition is a duplicate, its contradiction a conflict", async () => {
    const source = await log.source();
    const first = await send(log, source, visited("m", { id: "v" }));
    const again = await send(log, source, visited("m", { id: "v" }));
    const other = await send(log, source, visited("m", { id: "v" }, { Minutes: 6 }));
    expect(outcomesOf([...first, ...again, ...other])).toEqual(["accepted", "duplicate", "quarantined"]);
    expect(again[0]).toMatchObject({ id: "v", key: (first[0] as { key: string }).key });
    expect(other[0]).toMatchObject({ id: "v", issues: [{ path: "$.id", code: "conflicting-duplicate" }] });
    expect(await log.rows("select event_id, data ->> 'Minutes' as minutes from events.log")).toEqual([
      { event_id: "v", minutes: "5" },
    ]);
  });

  test("meets the same fate within one batch, and each verdict stands in its item's place", async () => {
    const source = await log.source();
    const verdicts = await send(
      log,
      source,
      broken,
      visited("m", { id: "z" }),
      visited("m", { id: "a" }),
      visited("m", { id: "z" }),
      visited("m", { id: "z" }, { Minutes: 6 }),
      visited("m", { id: "a" }),
    );
    expect(outcomesOf(verdicts)).toEqual(["quarantined", "accepted", "accepted", "duplicate", "quarantined", "duplicate"]);
    expect(verdicts.map(({ id }) => id)).toEqual(["b", "z", "a", "z", "z", "a"]);
    expect(await log.rows("select ordinal, event_id from events.log order by log_id")).toEqual([
      { ordinal: 1, event_id: "z" },
      { ordinal: 2, event_id: "a" },
    ]);
    expect(await log.rows("select ordinal, reason from events.quarantine order by ordinal")).toEqual([
      { ordinal: 0, reason: "missing" },
      { ordinal: 4, reason: "conflicting-duplicate" },
    ]);
  });

  test("is the same whatever the order of its keys and the spelling of its id, and another under another source", async () => {
    const [one, other] = [await log.source(), await log.source()];
    const { type, data } = visited("m");
    const turned = Object.fromEntries(Object.entries(data as object).reverse());
    expect(outcomesOf(await send(log, one, { type, id: 5, data }))).toEqual(["accepted"]);
    expect(outcomesOf(await send(log, one, { data: turned, id: " 5 ", type }))).toEqual(["duplicate"]);
    expect(outcomesOf(await send(log, other, { type, id: 5, data }))).toEqual(["accepted"]);
  });

  test("that changes another conflicts with one that changes none, or changes another one", async () => {
    const source = await log.source();
    await send(log, source, visited("m", { id: "c", amends: "x" }), retracted("x", { id: "r" }));
    const verdicts = await send(
      log,
      source,
      visited("m", { id: "c" }),
      visited("m", { id: "c", amends: "y" }),
      retracted("y", { id: "r" }),
    );
    expect(outcomesOf(verdicts)).toEqual(["quarantined", "quarantined", "quarantined"]);
    expect(await log.rows("select how from events.change order by how")).toEqual([{ how: "amends" }, { how: "retracts" }]);
  });

  test("with a text that cannot be stored is quarantined, and takes nobody with it", async () => {
    const source = await log.source();
    const half = `${"x".repeat(199)}🎵`;
    const verdicts = await send(log, source, { type: half, id: "h", data: {} }, visited("m", { id: "v" }));
    expect(outcomesOf(verdicts)).toEqual(["quarantined", "accepted"]);
  });
});

describe("a batch", () => {
  test("counts every item once, and its CHECK refuses a count that loses one", async () => {
    const source = await log.source();
    await send(log, source, broken, visited("m", { id: "v" }), visited("m", { id: "v" }), joined("m", { id: "j" }));
    const [batch] = await log.rows("select seq, received, moved, logged, duplicates, quarantined from events.batch");
    expect(batch).toMatchObject({ received: 4, moved: 0, logged: 2, duplicates: 1, quarantined: 1 });
    await expect(log.rows("update events.batch set received = received + 1")).rejects.toThrow(/batch_loses_nothing/);
    await expect(log.rows("update events.batch set logged = logged - 1")).rejects.toThrow(/batch_loses_nothing/);
  });

  test("of nothing is a batch too, and loses nothing", async () => {
    expect(await send(log, await log.source())).toEqual([]);
    expect(await log.rows("select received, logged from events.batch")).toEqual([{ received: 0, logged: 0 }]);
  });

  test("that is rolled back leaves no trace, and its events can come again", async () => {
    const source = await log.source();
    const receivedAt = log.clock.now();
    const bench = { contracts: log.contracts, source, keys: log.keys, receivedAt };
    const judged = lines(joined("m", { id: "j" }, { Phone: "4711" }), broken).map((item) => judge(item, bench));
    const failing = transaction(log.database.pg, async (db) => {
      await append(db, judged, { source, keys: log.keys, receivedAt });
      throw new Error("the caller changed its mind");
    });
    await expect(failing).rejects.toThrow("the caller changed its mind");
    for (const table of ["events.log", "events.key", "events.batch", "events.quarantine", "vault.value"]) {
      expect(await log.rows(`select count(*) as n from ${table}`), table).toEqual([{ n: 0 }]);
    }
    expect(outcomesOf(await send(log, source, joined("m", { id: "j" })))).toEqual(["accepted"]);
  });

  test("settles what belongs to it in its own transaction", async () => {
    const source = await log.source();
    const receivedAt = log.clock.now();
    const judged = lines(visited("m", { id: "v" })).map((item) =>
      judge(item, { contracts: log.contracts, source, keys: log.keys, receivedAt }),
    );
    const settle = async (): Promise<void> => {
      throw new Error("cannot settle");
    };
    await expect(
      transaction(log.database.pg, (db) => append(db, judged, { source, keys: log.keys, receivedAt, settle })),
    ).rejects.toThrow("cannot settle");
    expect(await log.rows("select 1 from events.log")).toEqual([]);
  });
});

describe("what stands in the log", () => {
  test("is the normalised body, and beside it the sent form of each field that was changed", async () => {
    const source = await log.source();
    await send(
      log,
      source,
      visited(" 7 ", { id: "v" }, { Minutes: "5", Spent: "1250.00", OccurredAt: "2025-02-01T01:00:00+01:00" }),
    );
    const [event] = await log.rows("select version, normaliser, occurred_at, data, sent from events.log");
    expect(event).toEqual({
      version: 1,
      normaliser: 1,
      occurred_at: "2025-02-01T00:00:00Z",
      data: { MemberId: "7", Minutes: 5, Spent: "1250", OccurredAt: "2025-02-01T00:00:00Z" },
      sent: { "$.MemberId": " 7 ", "$.Minutes": "5", "$.Spent": "1250.00", "$.OccurredAt": "2025-02-01T01:00:00+01:00" },
    });
  });

  test("has no sent form where nothing was changed", async () => {
    await send(log, await log.source(), visited("7", { id: "v" }));
    expect(await log.rows("select sent from events.log")).toEqual([{ sent: null }]);
  });

  test("can be found by the key that the verdict gave", async () => {
    const [verdict] = await take(log, lines(visited("m", { id: "v" })), { source: await log.source() });
    const { key } = verdict as Extract<Verdict, { outcome: "accepted" }>;
    expect(await log.rows("select event_id from events.log where event_key = $1", [key])).toEqual([{ event_id: "v" }]);
  });
});
