import { transaction } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { append, type Verdict } from "./append.ts";
import { judge } from "./judge.ts";
import { lines, openTestLog, outcomesOf, send, signal, somebodyWaits, type TestLog } from "./log.testing.ts";
import { visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope } from "./sources/index.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
  await send(log, source); // The day's key is made, so that writers meet only at the events.
});
afterAll(() => log?.close());

describe("of two writers at one event", () => {
  test("the second waits for the first, and finds a duplicate", async () => {
    const { first, second } = await bothAt(visited("m", { id: "v" }), visited("m", { id: "v" }), "commit");
    expect(outcomesOf([...first, ...second])).toEqual(["accepted", "duplicate"]);
  });

  test("the second waits for the first, and finds a conflict", async () => {
    const { first, second } = await bothAt(visited("m", { id: "v" }), visited("m", { id: "v" }, { Minutes: 6 }), "commit");
    expect(outcomesOf([...first, ...second])).toEqual(["accepted", "quarantined"]);
    expect(await log.rows("select data ->> 'Minutes' as minutes from events.log")).toEqual([{ minutes: "5" }]);
  });

  test("the second is accepted when the first is rolled back", async () => {
    const { second } = await bothAt(visited("m", { id: "v" }), visited("m", { id: "v" }, { Minutes: 6 }), "rollback");
    expect(outcomesOf(second)).toEqual(["accepted"]);
    expect(await log.rows("select data ->> 'Minutes' as minutes from events.log")).toEqual([{ minutes: "6" }]);
  });
});

describe("many writers", () => {
  test("who bring the same events in opposite orders do not lock each other out", async () => {
    const events = Array.from({ length: 40 }, (_, n) => visited("m", { id: `v${n}` }));
    // Slow enough that the two meet in the middle.
    await log.rows(
      "create function events.dawdle () returns trigger language plpgsql as $$ begin perform pg_sleep(0.005); return new; end $$",
    );
    await log.rows("create trigger dawdle before insert on events.key for each row execute function events.dawdle()");
    const sent = await Promise.allSettled([send(log, source, ...events), send(log, source, ...events.toReversed())]);
    await log.rows("drop trigger dawdle on events.key");
    const outcomes = sent.flatMap((one) => (one.status === "fulfilled" ? outcomesOf(one.value) : [String(one.reason)]));
    expect(Object.groupBy(outcomes, (outcome) => outcome)).toEqual({
      accepted: Array(40).fill("accepted"),
      duplicate: Array(40).fill("duplicate"),
    });
  });

  test("draw positions in the order in which they commit: no reader ever sees one appear below another", async () => {
    let writing = true;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 12; n += 1)
        await send(log, source, visited("m", { id: `${writer}-${n}` }), visited("m", { id: `shared-${n}` }));
    });
    const done = Promise.all(writers).finally(() => {
      writing = false;
    });
    const seen = new Set<number>();
    let polls = 0;
    while (writing) {
      const rows = await log.rows("select seq from events.batch order by seq");
      const fresh = rows.map(({ seq }) => Number(seq)).filter((seq) => !seen.has(seq));
      const highest = Math.max(0, ...seen);
      expect(fresh.filter((seq) => seq < highest)).toEqual([]);
      for (const seq of fresh) seen.add(seq);
      polls += 1;
    }
    await done;
    expect(polls).toBeGreaterThan(3);
    expect(await log.rows("select sum(logged) as logged, sum(duplicates) as duplicates from events.batch")).toEqual([
      { logged: 108, duplicates: 84 },
    ]);
  });

  test("close their batches one after the other: who has drawn a position holds the others back until it commits", async () => {
    const [written, mayCommit] = [signal(), signal()];
    const holding = transaction(log.database.pg, async (db) => {
      await appendIn(db, visited("m", { id: "slow" }));
      written.give();
      await mayCommit.given;
    });
    await written.given;
    const waiting = send(log, source, visited("m", { id: "fast" }));
    await somebodyWaits(log).finally(mayCommit.give);
    await Promise.all([holding, waiting]);
    expect(await log.rows("select event_id from events.log join events.batch using (batch_id) order by seq")).toEqual([
      { event_id: "slow" },
      { event_id: "fast" },
    ]);
  });
});

// The first writer's transaction stays open until the second stands before it.
async function bothAt(
  one: RawEnvelope,
  other: RawEnvelope,
  end: "commit" | "rollback",
): Promise<{ first: Verdict[]; second: Verdict[] }> {
  const [written, mayEnd] = [signal(), signal()];
  let first: Verdict[] = [];
  const writing = transaction(log.database.pg, async (db) => {
    first = await appendIn(db, one);
    written.give();
    await mayEnd.given;
    if (end === "rollback") throw new Error("rolled back");
  }).catch((error: Error) => {
    if (error.message !== "rolled back") throw error;
  });
  await written.given;
  const following = send(log, source, other);
  await somebodyWaits(log).finally(mayEnd.give);
  const [second] = await Promise.all([following, writing]);
  return { first, second };
}

function appendIn(db: TestLog["db"], envelope: RawEnvelope): Promise<Verdict[]> {
  const receivedAt = log.clock.now();
  const judged = lines(envelope).map((item) => judge(item, { contracts: log.contracts, source, keys: log.keys, receivedAt }));
  return append(db, judged, { source, keys: log.keys, receivedAt });
}
