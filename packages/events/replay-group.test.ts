import { auditTrail, verifyAudit } from "@jukebase/platform/audit.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { doGroupWork, groupWorkJob, listGroupWork, openGroupWork } from "./group-work.ts";
import { openTestLog, send, somebodyWaits, type TestLog } from "./log.testing.ts";
import { listQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
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
afterEach(async () => {
  expect((await sourceBalances(log.db)).filter(({ lost }) => lost !== 0)).toEqual([]);
  expect((await verifyAudit(log.db)).broken).toEqual([]);
});
afterAll(() => log?.close());

const tomorrow = { OccurredAt: "2025-03-03T00:00:00Z" };

describe("a replay of many", () => {
  test("takes those received in a range of time", async () => {
    for (const day of ["01", "02"]) {
      log.clock.set(`2025-03-${day}T12:00:00Z`);
      await send(log, source, visited("m", { id: `v${day}` }, { OccurredAt: "2025-03-04T00:00:00Z" }));
    }
    log.clock.set("2025-03-05T12:00:00Z");
    expect(await replay(log, { receivedTo: "2025-03-02" })).toMatchObject({ taken: 1, logged: 1 });
    expect(await replay(log, { receivedFrom: "2025-03-02T12:00:00Z", receivedTo: "2025-03-03" })).toMatchObject({ taken: 1 });
    await expect(replay(log, { receivedFrom: "yesterday" })).rejects.toThrow('"yesterday" is not an instant');
  });

  test("goes on behind a chunk that somebody else was faster to take", async () => {
    await send(log, source, ...["a", "b", "c", "d"].map((id) => visited("m", { id }, tomorrow)));
    log.clock.set("2025-03-04T12:00:00Z");
    const client = await log.database.pg.connect();
    await client.query("begin");
    await client.query("update events.quarantine set status = 'discarded' where event_id in ('a', 'b')");
    const replaying = replay(log, {}, undefined, { chunk: 2 });
    await somebodyWaits(log);
    await client.query("commit");
    client.release();
    expect(await replaying).toMatchObject({ taken: 2, logged: 2 });
  });

  test("of sources whose items lie among each other takes each source's in one batch", async () => {
    const other = await log.source();
    for (let n = 0; n < 5; n += 1) {
      await send(log, source, visited("m", { id: `v${n}` }, tomorrow));
      await send(log, other, visited("m", { id: `v${n}` }, tomorrow));
    }
    log.clock.set("2025-03-04T12:00:00Z");
    expect(await replay(log, {})).toMatchObject({ taken: 10, logged: 10 });
    expect(await log.rows("select moved from events.batch where moved > 0")).toEqual([{ moved: 5 }, { moved: 5 }]);
  });

  test("by several at once, in small chunks, is the same as by one", async () => {
    await send(log, source, ...Array.from({ length: 60 }, (_, n) => visited("m", { id: `v${n}` }, tomorrow)));
    log.clock.set("2025-03-04T12:00:00Z");
    const all = await Promise.all([1, 2, 3].map(() => replay(log, {}, undefined, { chunk: 7 })));
    expect(all.reduce((sum, { logged }) => sum + logged, 0)).toBe(60);
    expect(await log.rows("select count(*) as n from events.log")).toEqual([{ n: 60 }]);
  });

  test("says of each item which event it became", async () => {
    await send(log, source, visited("m", { id: "v" }, tomorrow), visited("m", {}, tomorrow));
    log.clock.set("2025-03-04T12:00:00Z");
    await replay(log, {});
    const keys = (await listQuarantine(log.db, { status: "replayed" })).map(({ event_key }) => event_key);
    expect((await log.rows("select event_key from events.log")).map(({ event_key }) => event_key).sort()).toEqual(keys.sort());
  });

  test("is in the audit log, chunk by chunk: who, which, how many, why; one item with the event it became", async () => {
    await send(log, source, ...["a", "b", "c"].map((id) => visited("m", { id }, tomorrow)), joined("m", { id: "j" }, tomorrow));
    log.clock.set("2025-03-04T12:00:00Z");
    const [item] = await listQuarantine(log.db, { type: "Shop.MemberJoined" });
    const id = item?.quarantine_id as string;
    await replay(log, { ids: [id] }, { actor: "console:ada@example.com" });
    await replay(log, { type: "Shop.VisitMade" }, { actor: "cli:ada", why: "the future has come" }, { chunk: 2 });
    const [key] = await log.rows("select event_key from events.log where event_id = 'j'");
    expect(await auditTrail(log.db, { object: id })).toMatchObject([
      {
        actor: "console:ada@example.com",
        action: "quarantine.replay",
        why: null,
        after: { logged: 1, event_key: key?.event_key },
      },
    ]);
    expect(await auditTrail(log.db, { object: "quarantine: type Shop.VisitMade" })).toMatchObject([
      { actor: "cli:ada", why: "the future has come", before: { open: 1 }, after: { logged: 1, duplicates: 0, left: 0 } },
      { actor: "cli:ada", why: "the future has come", before: { open: 2 }, after: { logged: 2, duplicates: 0, left: 0 } },
    ]);
  });
});

describe("work handed to the worker", () => {
  const ada = { actor: "console:ada@example.com", why: "they are early" };

  test("is done with its progress, once, and says nothing but the choice and who asked", async () => {
    await send(log, source, ...["a", "b", "c"].map((id) => visited("m", { id }, tomorrow)));
    log.clock.set("2025-03-04T12:00:00Z");
    const job = await openGroupWork(log, { type: "Shop.VisitMade" }, ada);
    expect(job).toEqual({ work: expect.any(String), choice: { type: "Shop.VisitMade" }, actor: ada.actor });
    expect(groupWorkJob.parse(job)).toEqual(job);
    expect(await doGroupWork(log, job, () => false)).toEqual({ logged: 3, duplicates: 0, left: 0 });
    expect(await doGroupWork(log, job, () => false)).toEqual({ logged: 3, duplicates: 0, left: 0 });
    expect(await listGroupWork(log.db, 1)).toMatchObject([
      { kind: "replay", items: 3, done: 3, counts: { logged: 3 }, finished_at: "2025-03-04T12:00:00Z", error: null },
    ]);
    expect(await auditTrail(log.db, { action: "quarantine.replay" }, 1)).toMatchObject([ada]);
  });

  test("mends by an expression that is kept sealed", async () => {
    await send(log, source, visited("m", { id: "a" }, { Minutes: "secret" }));
    const job = await openGroupWork(log, { type: "Shop.VisitMade" }, ada, 'replace $.data.Minutes "secret" with "5"');
    expect(JSON.stringify([job, await log.rows("select encode(expression, 'escape') from events.group_work")])).not.toContain(
      "secret",
    );
    expect(await doGroupWork(log, job, () => false)).toMatchObject({ changed: 1, sound: 1, broken: 0 });
    expect(await replay(log, {})).toMatchObject({ logged: 1 });
  });

  test("that is interrupted stands as far as it came, and another attempt does the rest", async () => {
    await send(
      log,
      source,
      ...["a", "b"].map((id) => visited("m", { id }, tomorrow)),
      visited("m", { id: "c" }, { Minutes: "x" }),
    );
    await send(log, await log.source(), visited("m", { id: "d" }, tomorrow));
    log.clock.set("2025-03-04T12:00:00Z");
    const job = await openGroupWork(log, { type: "Shop.VisitMade" }, ada);
    let looks = 0;
    await expect(doGroupWork(log, job, () => ++looks > 1)).rejects.toThrow("another attempt goes on");
    expect(await listGroupWork(log.db, 1)).toMatchObject([
      { items: 4, done: 3, counts: { logged: 2, left: 1 }, finished_at: null },
    ]);
    expect(await doGroupWork(log, job, () => false)).toEqual({ logged: 3, duplicates: 0, left: 1 });
    expect(await listGroupWork(log.db, 1)).toMatchObject([{ items: 4, done: 4 }]);
  });

  test("that nobody knows is not found", async () => {
    const job = { work: "0198c0de-0000-7000-8000-000000000001", choice: {}, actor: "x" };
    await expect(doGroupWork(log, job, () => false)).rejects.toMatchObject({ name: "NotFound" });
  });
});
