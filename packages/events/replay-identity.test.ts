import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eraseSubject } from "./erase.ts";
import { load, take } from "./load.ts";
import { lines, openTestLog, outcomesOf, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { listQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { sealScopes } from "./seal-scopes.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import type { RawEnvelope, Received } from "./sources/index.ts";
import { dayKey, unseal } from "./vault.ts";

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
afterAll(() => log?.close());

test("a fact without an id that was replayed as it came is the same fact when its file is loaded again", async () => {
  const row = visited("m", {}, { OccurredAt: "2025-03-03T00:00:00Z" });
  await loadAll(row, row);
  log.clock.set("2025-03-05T12:00:00Z");
  expect(await replay(log, {})).toMatchObject({ logged: 2 });
  expect(await loadAll(row, row)).toMatchObject({ logged: 0, duplicates: 2 });
});

test("different broken rows that are mended to the same fact are two facts", async () => {
  await loadAll(visited("m", {}, { Minutes: "five" }), visited("m", {}, { Minutes: "fünf" }));
  for (const { quarantine_id } of await listQuarantine(log.db))
    await fixQuarantine(log, quarantine_id, JSON.stringify(visited("m")));
  expect(await replay(log, {})).toMatchObject({ logged: 2 });
});

const future = visited("m", {}, { OccurredAt: "2025-03-03T00:00:00Z" });
const key = "till-of-ann@example.com";
const request = (scope: string) => take(log, lines(future, future), { source, scope });

test("a fact without an id that was replayed as it came is the same fact when its request is sent again under its key", async () => {
  await request(key);
  await request("another");
  log.clock.set("2025-03-05T12:00:00Z");
  expect(await replay(log, {})).toMatchObject({ logged: 4 });
  expect(outcomesOf(await request(key))).toEqual(["duplicate", "duplicate"]);
  expect(outcomesOf(await request("a third"))).toEqual(["accepted", "accepted"]);
});

test("the key of a request is kept sealed with what was quarantined of it, and goes with it", async () => {
  await take(log, lines(joined("m", {}, { OccurredAt: "2025-03-03T00:00:00Z" }), joined("m")), { source, scope: key });
  await take(log, lines(joined("m", { id: "b" }, { MemberName: "" })), { source, scope: key });
  const held = "select to_jsonb(quarantine)::text as row, sealed_scope from events.quarantine";
  const rows = await log.rows(held);
  expect(rows).toHaveLength(2);
  const day = (await dayKey(log.db, log.keys, "2025-03-01", false)) as Buffer;
  for (const { row, sealed_scope } of rows) {
    expect(row).not.toContain("ann@example.com");
    expect(unseal(day, sealed_scope as Buffer).toString()).toBe(key);
  }
  await eraseSubject(log, { kind: "member", namespace: source.namespace, id: "m" }, { actor: "test:ann", why: "asked" });
  expect(await log.rows("select sealed_scope from events.quarantine")).toEqual([{ sealed_scope: null }, { sealed_scope: null }]);
});

test("keys from before they were sealed are sealed by a sweep, and tell the same facts before and after", async () => {
  const asOlder = () => log.rows("update events.quarantine set scope = $1, sealed_scope = null", [key]);
  for (const isSwept of [false, true]) {
    await log.empty();
    source = await log.source();
    log.clock.set("2025-03-01T12:00:00Z");
    await request(key);
    await asOlder();
    if (isSwept) {
      expect(await sealScopes(log)).toBe(2);
      expect(await sealScopes(log)).toBe(0);
      expect(JSON.stringify(await log.rows("select scope from events.quarantine"))).not.toContain("ann@example.com");
    }
    log.clock.set("2025-03-05T12:00:00Z");
    expect(await replay(log, {})).toMatchObject({ logged: 2 });
    expect(outcomesOf(await request(key))).toEqual(["duplicate", "duplicate"]);
  }
  await asOlder();
  await log.rows("delete from vault.day_key");
  await sealScopes(log);
  expect(await log.rows("select from events.quarantine where scope is not null or sealed_scope is not null")).toEqual([]);
});

function loadAll(...envelopes: readonly RawEnvelope[]) {
  async function* received(): AsyncGenerator<Received> {
    yield* lines(...envelopes);
  }
  return load(log, received(), { source, name: "visits" });
}
