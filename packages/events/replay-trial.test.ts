import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { listQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { tryReplay } from "./replay-trial.ts";
import { visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";

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

const later = { OccurredAt: "2025-03-03T00:00:00Z" };

test("a trial counts what a replay would do, over several chunks, and changes nothing", async () => {
  await send(log, source, visited("m", { id: "a" }, later), visited("m", { id: "b" }, later), visited("m", { id: "a" }, later));
  await send(log, source, visited("m", { id: "a" }, { ...later, Minutes: 6 }), visited("m", { id: "c" }, { Minutes: "many" }));
  log.clock.set("2025-03-05T12:00:00Z");
  const before = await everything();
  const trial = await tryReplay(log, {}, { chunk: 2 });
  expect(trial).toEqual({
    taken: 5,
    logged: 2,
    duplicates: 1,
    left: 2,
    reasons: { "conflicting-duplicate": 1, "not-a-whole-number": 1 },
  });
  expect(await everything()).toEqual(before);
  const { reasons: _, ...counted } = trial;
  expect(await replay(log, {}, undefined, { chunk: 2 })).toEqual(counted);
});

test("a trial of observations sees the states that it would have told before", async () => {
  source = await log.source({ kind: "observations" });
  const seen = (time: string) => visited("m", { time }, later);
  await send(log, source, seen("2025-03-01"), seen("2025-03-02"));
  expect(await listQuarantine(log.db)).toHaveLength(2);
  log.clock.set("2025-03-05T12:00:00Z");
  const trial = await tryReplay(log, {}, { chunk: 1 });
  expect(trial).toMatchObject({ logged: 1, duplicates: 1 });
  expect(await replay(log, {}, undefined, { chunk: 1 })).toMatchObject({ logged: 1, duplicates: 1 });
});

test("a failure that nobody foresaw is not taken for the end of the trial", async () => {
  await send(log, source, visited("m", { id: "a" }, later));
  const broken = { ...log, keys: { ...log.keys, day: Buffer.alloc(32) } };
  await expect(tryReplay(broken, {})).rejects.toThrow();
});

function everything() {
  return log.rows(
    `select
       (select jsonb_agg(to_jsonb(quarantine) order by quarantine_id) from events.quarantine) as held,
       (select count(*) from events.log) as logged,
       (select count(*) from events.batch) as batches,
       (select count(*) from events.observation) as states,
       (select count(*) from platform.audit) as audited`,
  );
}
