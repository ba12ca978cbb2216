import { auditTrail, verifyAudit } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { load } from "./load.ts";
import { openTestLog, send, type TestLog } from "./log.testing.ts";
import { mendGroup, tryMending } from "./mend-group.ts";
import { listQuarantine, showQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { readReceived } from "./sources/index.ts";
import { sourceBalances } from "./status.ts";

let log: TestLog;
let source: Source;
const ada = { actor: "cli:ada", why: "the till wrote minutes as words" };

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  source = await log.source();
});
afterAll(() => log?.close());

const words = (id: string, minutes: unknown = "five min") => visited("m", { id }, { Minutes: minutes });

test("a trial says how many would be sound, how many not and why, shows samples, and changes nothing", async () => {
  await send(log, source, words("a"), words("b"), words("c", "nonsense"), joined("", { id: "j" }));
  const before = await rows();
  const trial = await tryMending(log, group, 'replace $.data.Minutes "five min" with "5"', { chunk: 2 });
  expect(trial).toMatchObject({ taken: 3, changed: 2, sound: 2, broken: 1, reasons: { "not-a-whole-number": 1 } });
  expect(trial.samples).toHaveLength(2);
  expect(trial.samples[0]).toMatchObject({
    before: JSON.stringify(words("a")),
    after: JSON.stringify(words("a", "5")),
    issues: [],
  });
  expect(await rows()).toEqual(before);
});

test("what an expression has mended is replayed; the rest stays as it came, and so do the original bytes", async () => {
  await send(log, source, words("a"), words("b"), words("c", "nonsense"));
  const heard: number[] = [];
  const done = await mendGroup(log, group, 'replace $.data.Minutes "five min" with "5"', ada, {
    chunk: 2,
    onProgress: ({ taken }, of) => heard.push(taken, of),
  });
  expect(done).toMatchObject({ taken: 3, changed: 2, sound: 2, broken: 1 });
  expect(heard).toEqual([2, 3, 3, 3]);
  const items = await listQuarantine(log.db);
  expect(items.map(({ event_id, mended }) => [event_id, mended])).toEqual([
    ["c", false],
    ["b", true],
    ["a", true],
  ]);
  expect(await showQuarantine(log.db, log.keys, items[2]?.quarantine_id as string)).toMatchObject({
    received: JSON.stringify(words("a")),
    envelope: JSON.stringify(words("a", "5")),
  });
  expect(await replay(log, group)).toEqual({ taken: 3, logged: 2, duplicates: 0, left: 1 });
  expect((await sourceBalances(log.db)).find((one) => one.source === source.source)).toMatchObject({
    received: 3,
    logged: 2,
    lost: 0,
  });
});

test("two expressions build on each other, and the same one again changes nothing more", async () => {
  await send(log, source, { type: "Shop.VisitMade", id: "a", data: { MemberId: "m", Mins: "5", OccurredAt: "2025-02-01" } });
  const choice = { type: "Shop.VisitMade" };
  await mendGroup(log, choice, "rename $.data.Mins to $.data.Minutes");
  expect(await mendGroup(log, choice, "rename $.data.Mins to $.data.Minutes")).toMatchObject({ changed: 0, sound: 1 });
  await mendGroup(log, choice, 'set $.data.Minutes = 7; set $.data.MemberId = "x" if missing');
  await replay(log, choice);
  expect(await log.rows("select data from events.log")).toMatchObject([{ data: { MemberId: "m", Minutes: 7 } }]);
});

test("what cannot be read is left alone and told by its reason", async () => {
  await loadText('{"type":"Shop.VisitMade","data":{');
  expect(await tryMending(log, {}, 'set $.data.Minutes = "5"')).toMatchObject({
    taken: 1,
    changed: 0,
    broken: 1,
    reasons: { "broken-json": 1 },
  });
});

test("numbers beyond what a double holds pass through untouched", async () => {
  await loadText('{"type":"Shop.Unheard","id":"u","data":{"Big":12345678901234567890.12345,"Rate":1.10}}');
  await mendGroup(log, {}, "set $.data.Seen = true");
  const [item] = await listQuarantine(log.db);
  expect((await showQuarantine(log.db, log.keys, item?.quarantine_id as string)).envelope).toBe(
    '{"type":"Shop.Unheard","id":"u","data":{"Big":12345678901234567890.12345,"Rate":1.10,"Seen":true}}',
  );
});

test("the audit log says who mended which group how and why, without a value", async () => {
  await send(log, source, words("a"));
  await mendGroup(log, group, 'replace $.data.Minutes "five min" with "5"', ada);
  const [entry] = await auditTrail(log.db, { action: "quarantine.mend-group" }, 1);
  expect(entry).toMatchObject({
    ...ada,
    object: "quarantine: type Shop.VisitMade, reason not-a-whole-number",
    before: { open: 1 },
    after: { changed: 1, sound: 1, expression: "replace $.data.Minutes … with …" },
  });
  expect(JSON.stringify(entry)).not.toContain("five min");
  expect((await verifyAudit(log.db)).broken).toEqual([]);
});

const group = { type: "Shop.VisitMade", reason: "not-a-whole-number" };

const rows = () => log.rows("select * from events.quarantine order by quarantine_id");

async function loadText(text: string): Promise<void> {
  async function* input(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  await load(log, readReceived(input(), { format: "ndjson" }), { source, name: "some file" });
}
