import { auditTrail } from "@jukebase/platform/audit.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestLog, project, send, type TestLog } from "./log.testing.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { awaitedParents, setWaitingLimit, waitingCounts, waitingLimits } from "./waiting.ts";

let log: TestLog;
let source: Source;
const ada = { actor: "cli:ada" };

beforeAll(async () => {
  log = await openTestLog();
});
beforeEach(async () => {
  await log.empty();
  await log.rows("delete from events.waiting_limit");
  log.clock.set("2025-03-01T12:00:00Z");
  source = await log.source();
});
afterAll(() => log?.close());

test("waiting events stand under the parent that they need, the longest awaited first, and go when it comes", async () => {
  await send(log, source, visited("m", { id: "v1" }));
  log.clock.set("2025-03-05T12:00:00Z");
  await send(log, source, visited("m", { id: "v2" }), visited("n", { id: "v3" }));
  await project(log);
  log.clock.set("2025-03-08T18:00:00Z");
  expect(await parents()).toMatchObject([
    { kind: "member", id: "m", events: 2, orphans: 0, oldest: "2025-03-01T12:00:00Z", age_days: 7, limit_days: 30 },
    { kind: "member", id: "n", events: 1, age_days: 3, types: ["Shop.VisitMade"], sources: [source.source] },
  ]);
  expect(await parents({ olderThanDays: 7 })).toMatchObject([{ id: "m" }]);
  expect(await parents({ kind: "device" })).toEqual([]);
  await send(log, source, joined("m", { id: "j" }));
  await project(log);
  expect(await parents()).toMatchObject([{ id: "n" }]);
});

test("what waits longer than its kind's limit is an orphan, by the clock and nothing else", async () => {
  await send(log, source, visited("m", { id: "v1" }));
  await project(log);
  expect(await counts()).toEqual([{ kind: "member", parents: 1, events: 1, orphans: 0, limit_days: 30 }]);
  log.clock.set("2025-03-31T11:59:59Z");
  expect(await parents({ orphans: true })).toEqual([]);
  log.clock.set("2025-03-31T12:00:00Z");
  expect(await parents({ orphans: true })).toMatchObject([{ id: "m", orphans: 1 }]);
  await setWaitingLimit(log, "member", 60, ada);
  expect(await counts()).toMatchObject([{ orphans: 0, limit_days: 60 }]);
  await setWaitingLimit(log, "*", 1, ada);
  expect(await counts()).toMatchObject([{ orphans: 0, limit_days: 60 }]);
  await setWaitingLimit(log, "member", 10, { ...ada, why: "they come within a week" });
  expect(await counts()).toMatchObject([{ orphans: 1, limit_days: 10 }]);
  expect(await waitingLimits(log.db)).toEqual([
    { kind: "*", days: 1 },
    { kind: "member", days: 10 },
  ]);
  expect(await auditTrail(log.db, { object: "waiting: member" }, 1)).toMatchObject([
    { actor: "cli:ada", action: "waiting.limit", why: "they come within a week", before: { days: 60 }, after: { days: 10 } },
  ]);
});

test("a limit that is none is refused", async () => {
  await expect(setWaitingLimit(log, "member", 0, ada)).rejects.toThrow("A limit is 1 to 3650 whole days.");
  await expect(setWaitingLimit(log, "no kind", 5, ada)).rejects.toThrow('"no kind" is not a kind of parent');
});

const parents = (filter: Parameters<typeof awaitedParents>[2] = {}) => awaitedParents(log.db, log.clock.now(), filter);
const counts = () => waitingCounts(log.db, log.clock.now());
