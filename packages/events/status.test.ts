import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { discardQuarantine } from "./discard.ts";
import { openTestLog, project, send, type TestLog } from "./log.testing.ts";
import { listQuarantine } from "./quarantine.ts";
import { joined, retracted, shop, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { type ProjectionBalance, projectionBalance, type SourceBalance, sourceBalances } from "./status.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
// One of everything that can become of an event.
beforeEach(async () => {
  await log.empty();
  source = await log.source();
  const broken = visited("", { id: "b1" });
  await send(
    log,
    source,
    joined("m", { id: "j" }),
    visited("m", { id: "v" }),
    visited("x", { id: "w" }),
    visited("m", { id: "v" }),
    broken,
  );
  await send(log, source, visited("m", { id: "gone" }), retracted("gone", { id: "r" }), visited("m", { id: "a", amends: "v" }), {
    ...broken,
    id: "b2",
  });
  const [newest] = await listQuarantine(log.db, {}, 1);
  await discardQuarantine(log, { ids: [newest?.quarantine_id as string] }, { actor: "cli:ada", why: "noise" });
});
afterAll(() => log?.close());

describe("a source's balance", () => {
  test("says where everything received is", async () => {
    expect(await balance()).toEqual({
      source: source.source,
      received: 9,
      logged: 6,
      duplicates: 1,
      in_quarantine: 1,
      discarded: 1,
      expired: 0,
      lost: 0,
    });
  });

  test.each([
    ["the log", "delete from events.log where event_id = 'v'", 1],
    ["the quarantine", "delete from events.quarantine where event_id = 'b1'", 1],
    ["what was discarded", "delete from events.quarantine where status = 'discarded'", 1],
    ["the batches", "delete from events.batch where seq = (select max(seq) from events.batch)", -4],
    [
      "the log, put in twice",
      "insert into events.log select uuidv7(), event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data from events.log where event_id = 'v'",
      -1,
    ],
  ])("notices what was changed by hand in %s", async (_, statement, lost) => {
    await log.rows(statement);
    expect(await balance()).toMatchObject({ lost });
  });

  test("of a source that has sent nothing is all noughts", async () => {
    const silent = await log.source();
    expect((await sourceBalances(log.db)).find((one) => one.source === silent.source)).toMatchObject({
      received: 0,
      logged: 0,
      lost: 0,
    });
  });
});

describe("a projection's balance", () => {
  test("says of every event of its types what became of it", async () => {
    expect(await projected()).toMatchObject({ seq: 0, behind_batches: 2, events: 6, unread: 6, projected: 0, lost: 0 });
    await project(log);
    expect(await projected()).toMatchObject({
      projection: "shop",
      behind_batches: 0,
      events: 6,
      projected: 2,
      changes: 2,
      withdrawn: 1,
      waiting: 1,
      parked: 0,
      unread: 0,
      lost: 0,
    });
  });

  test.each([
    ["a fact", "delete from shop.visit where event_id = 'v'", 1],
    ["a fact of another type", "delete from shop.joining", 1],
    ["all facts", "truncate shop.visit, shop.joining", 2],
  ])("notices that %s was deleted by hand", async (_, statement, lost) => {
    await project(log);
    await log.rows(statement);
    expect(await projected()).toMatchObject({ lost });
  });

  test("notices a fact that stands although its event is parked", async () => {
    await project(log);
    await log.rows(
      "insert into events.parked select 'shop', 1, log_id, event_key, type, 'by hand', now() from events.log where event_id = 'v'",
    );
    expect((await projected()).lost).not.toBe(0);
  });
});

async function balance(): Promise<SourceBalance | undefined> {
  return (await sourceBalances(log.db)).find((one) => one.source === source.source);
}

function projected(): Promise<ProjectionBalance> {
  return projectionBalance(log.db, shop);
}
