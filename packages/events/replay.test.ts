import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { discardQuarantine } from "./discard.ts";
import { load } from "./load.ts";
import { openTestLog, send, somebodyWaits, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { listQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { joined, visited } from "./shop.testing.ts";
import { declareSource, type Source } from "./source.ts";
import { parseMapping, type ReadOptions, readReceived } from "./sources/index.ts";
import { sourceBalances } from "./status.ts";

let log: TestLog;
let source: Source;

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  log.clock.set("2025-03-01T12:00:00Z");
  source = await log.source();
});
// Whatever a test did: nothing is lost.
afterEach(async () => {
  expect((await sourceBalances(log.db)).filter(({ lost }) => lost !== 0)).toEqual([]);
});
afterAll(() => log?.close());

const broken = visited("m", { id: "v" }, { Minutes: "many" });
const tomorrow = "2025-03-03T00:00:00Z";

describe("a replay", () => {
  test("leaves what is still broken where it was, with today's reasons", async () => {
    await send(log, source, visited("m", { id: "v" }, { OccurredAt: tomorrow, Minutes: 5 }));
    expect(await held()).toMatchObject([{ reason: "in-the-future", attempts: 0 }]);
    await fixQuarantine(log, await onlyId(), JSON.stringify(broken));
    expect(await replay(log, {})).toEqual({ taken: 1, logged: 0, duplicates: 0, left: 1 });
    expect(await held()).toMatchObject([
      { reason: "not-a-whole-number", issues: [{ path: "$.Minutes" }], status: "open", attempts: 1 },
    ]);
  });

  test("logs what was mended; the item moved, and was not received again", async () => {
    await send(log, source, broken, joined("m", { id: "j" }));
    await fixQuarantine(log, await onlyId(), JSON.stringify(visited("m", { id: "v" })));
    log.clock.set("2025-03-02T09:00:00Z");
    expect(await replay(log, {})).toEqual({ taken: 1, logged: 1, duplicates: 0, left: 0 });
    expect(await held("replayed")).toMatchObject([{ event_id: "v", attempts: 1 }]);
    expect(await log.rows("select received, moved, logged, received_at from events.batch order by seq offset 1")).toEqual([
      { received: 0, moved: 1, logged: 1, received_at: "2025-03-02T09:00:00Z" },
    ]);
    expect(await balance()).toMatchObject({ received: 2, logged: 2, in_quarantine: 0, lost: 0 });
  });

  test("done twice is the same as done once", async () => {
    await send(log, source, broken);
    await fixQuarantine(log, await onlyId(), JSON.stringify(visited("m", { id: "v" })));
    await replay(log, {});
    expect(await replay(log, {})).toEqual({ taken: 0, logged: 0, duplicates: 0, left: 0 });
    expect(await balance()).toMatchObject({ received: 1, logged: 1, duplicates: 0 });
  });

  test("done by two at once is the same as done once", async () => {
    await send(log, source, broken, joined("", { id: "j" }));
    for (const { quarantine_id, event_id } of await held()) {
      await fixQuarantine(
        log,
        quarantine_id,
        JSON.stringify(event_id === "v" ? visited("m", { id: "v" }) : joined("m", { id: "j" })),
      );
    }
    const both = await Promise.all([replay(log, {}), replay(log, {})]);
    expect(both.map(({ logged }) => logged).sort()).toEqual([0, 2]);
    expect(await balance()).toMatchObject({ received: 2, logged: 2, duplicates: 0, in_quarantine: 0 });
  });

  test("counts as a duplicate what came again by itself in the meantime", async () => {
    await send(log, source, broken);
    await fixQuarantine(log, await onlyId(), JSON.stringify(visited("m", { id: "v" })));
    await send(log, source, visited("m", { id: "v" }));
    expect(await replay(log, {})).toEqual({ taken: 1, logged: 0, duplicates: 1, left: 0 });
    expect(await balance()).toMatchObject({ received: 2, logged: 1, duplicates: 1, in_quarantine: 0 });
  });

  test("of a conflict leaves it, until it is given an id of its own", async () => {
    await send(log, source, visited("m", { id: "v" }), visited("m", { id: "v" }, { Minutes: 6 }));
    expect(await replay(log, {})).toMatchObject({ left: 1 });
    expect(await held()).toMatchObject([{ reason: "conflicting-duplicate", attempts: 1 }]);
    await fixQuarantine(log, await onlyId(), JSON.stringify(visited("m", { id: "w", amends: "v" }, { Minutes: 6 })));
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
  });

  test("takes what was not mended when the world has changed", async () => {
    await send(log, source, visited("m", { id: "v" }, { OccurredAt: tomorrow }));
    log.clock.set("2025-03-02T12:00:00Z");
    expect(await replay(log, {})).toMatchObject({ taken: 1, logged: 1 });
  });

  test("takes only what was chosen, and nothing that is discarded", async () => {
    log.clock.set("2025-03-01T12:00:00Z");
    const future = { OccurredAt: tomorrow };
    await send(log, source, ...["a", "b", "c"].map((id) => visited("m", { id }, future)), joined("m", { id: "j" }, future));
    log.clock.set("2025-03-04T12:00:00Z");
    const idOf = async (event: string): Promise<string> =>
      (await held()).find(({ event_id }) => event_id === event)?.quarantine_id as string;
    await discardQuarantine(log, { ids: [await idOf("c")] }, { actor: "cli:ada", why: "noise" });
    expect(await replay(log, { ids: [await idOf("a")] })).toMatchObject({ taken: 1, logged: 1 });
    expect(await replay(log, { type: "Shop.MemberJoined" })).toMatchObject({ taken: 1, logged: 1 });
    expect(await replay(log, {})).toMatchObject({ taken: 1, logged: 1 });
    expect(await balance()).toMatchObject({ received: 4, logged: 3, discarded: 1, in_quarantine: 0 });
  });

  test("of more than one transaction takes, of several sources, takes each item once", async () => {
    const other = await log.source();
    const many = Array.from({ length: 300 }, (_, n) => visited("m", { id: `v${n}` }, { OccurredAt: tomorrow }));
    await send(log, source, ...many);
    await send(log, other, ...many);
    log.clock.set("2025-03-04T12:00:00Z");
    expect(await replay(log, {})).toEqual({ taken: 600, logged: 600, duplicates: 0, left: 0 });
  });
});

describe("a replay reads again", () => {
  test("what a mapping had made of a row", async () => {
    const data = { MemberId: { column: "who" }, Minutes: { column: "minutes" }, OccurredAt: { column: "at" } };
    const text = JSON.stringify({
      source: source.source,
      kind: "facts",
      type: "Shop.VisitMade",
      header: ["who", "minutes", "at"],
      data,
    });
    await loadText("m,7,2025-03-03", { format: "csv", mapping: parseMapping(text, "mapping.json") });
    log.clock.set("2025-03-04T12:00:00Z");
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
    expect(await log.rows("select type, data ->> 'Minutes' as minutes from events.log")).toEqual([
      { type: "Shop.VisitMade", minutes: "7" },
    ]);
  });

  test("a bare body under the type that it was loaded with, whatever its fields are called", async () => {
    await loadText(JSON.stringify({ MemberId: "m", Minutes: 7, OccurredAt: tomorrow, type: "walk-in" }), {
      format: "ndjson",
      type: "Shop.VisitMade",
    });
    log.clock.set("2025-03-04T12:00:00Z");
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
  });

  test("a body whose dialect its source has declared since", async () => {
    await send(log, source, visited("m", { id: "v" }, { OccurredAt: "03/02/2025" }));
    expect(await held()).toHaveLength(1);
    await declareSource(log.db, source.source, { dateOrder: "dmy" });
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
    expect(await log.rows("select occurred_at from events.log")).toEqual([{ occurred_at: "2025-02-03T00:00:00Z" }]);
  });

  test.each([
    ["a type that is no text", '{"type":5}'],
    ["no type", '{"data":{}}'],
    ["no object", "[1]"],
    ["no JSON", "{"],
  ])("what is no event and leaves it: %s", async (_, text) => {
    await loadText(text, { format: "ndjson" });
    expect(await replay(log, {})).toEqual({ taken: 1, logged: 0, duplicates: 0, left: 1 });
  });

  test("bytes that are not UTF-8 and leaves them: a replay never guesses a letter", async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"type":"Shop.MemberJoined","data":{"MemberId":"m","MemberName":"J'),
      Buffer.from([0xfc]),
    ]);
    await loadText(Buffer.concat([bytes, Buffer.from('rgen","OccurredAt":"2025-01-01"}}')]), { format: "ndjson" });
    expect(await replay(log, {})).toMatchObject({ logged: 0, left: 1 });
    expect(await held()).toMatchObject([{ reason: "not-utf8" }]);
  });

  test("nothing where the key of the day has expired: it says so, and the others pass", async () => {
    await send(log, source, visited("m", { id: "old" }, { OccurredAt: tomorrow }));
    log.clock.set("2025-03-02T12:00:00Z");
    await send(log, source, visited("m", { id: "new" }, { OccurredAt: "2025-03-04T00:00:00Z" }));
    await log.rows("delete from vault.day_key where day = '2025-03-01'");
    log.clock.set("2025-03-05T12:00:00Z");
    expect(await replay(log, {})).toEqual({ taken: 2, logged: 1, duplicates: 0, left: 1 });
    expect(await held()).toMatchObject([
      { reason: "expired", issues: [{ rule: "What was received can no longer be read: the key of its day has expired." }] },
    ]);
  });
});

describe("mended facts without an id", () => {
  test("that were equal rows are as many facts, and loading and mending the file again adds none", async () => {
    const row = JSON.stringify(visited("m", {}, { Minutes: "many" }));
    for (const logged of [2, 0]) {
      await loadText(`${row}\n${row}\n`, { format: "ndjson" });
      for (const { quarantine_id } of await held()) await fixQuarantine(log, quarantine_id, JSON.stringify(visited("m")));
      expect(await replay(log, {})).toMatchObject({ taken: 2, logged, duplicates: 2 - logged });
    }
    expect(await log.rows("select count(*) as n from events.log")).toEqual([{ n: 2 }]);
  });

  test("stand beside an equal row that was never broken", async () => {
    await loadText(`${JSON.stringify(visited("m"))}\n${JSON.stringify(visited("m", {}, { Minutes: "many" }))}`, {
      format: "ndjson",
    });
    await fixQuarantine(log, await onlyId(), JSON.stringify(visited("m")));
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
  });
});

test("an item that somebody is discarding is not replayed as well", async () => {
  await send(log, source, visited("m", { id: "v" }, { OccurredAt: tomorrow }));
  log.clock.set("2025-03-04T12:00:00Z");
  const client = await log.database.pg.connect();
  await client.query("begin");
  await client.query("update events.quarantine set status = 'discarded', resolution = 'noise'");
  const replaying = replay(log, {});
  await somebodyWaits(log);
  await client.query("commit");
  client.release();
  expect(await replaying).toMatchObject({ taken: 0 });
});

async function loadText(content: string | Uint8Array, options: ReadOptions): Promise<void> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(content);
  }
  await load(log, readReceived(input(), options), { source, name: "some file", chunk: 1 });
}

function held(status?: string): ReturnType<typeof listQuarantine> {
  return listQuarantine(log.db, { status, source: source.source });
}

async function onlyId(): Promise<string> {
  const [item, ...others] = await held();
  expect(others).toEqual([]);
  return item?.quarantine_id as string;
}

async function balance(): Promise<unknown> {
  return (await sourceBalances(log.db)).find((one) => one.source === source.source);
}
