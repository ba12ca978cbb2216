import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { load } from "./load.ts";
import { lines, openTestLog, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { listQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
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

function loadAll(...envelopes: readonly RawEnvelope[]) {
  async function* received(): AsyncGenerator<Received> {
    yield* lines(...envelopes);
  }
  return load(log, received(), { source, name: "visits" });
}
