import { transaction } from "@jukebase/platform";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expire, expiringSoon } from "./expire.ts";
import { openTestLog, outcomesOf, send, signal, somebodyWaits, type TestLog } from "./log.testing.ts";
import { fixQuarantine } from "./mend.ts";
import { listQuarantine, showQuarantine } from "./quarantine.ts";
import { replay } from "./replay.ts";
import { joined, visited } from "./shop.testing.ts";
import type { Source } from "./source.ts";
import { sourceBalances } from "./status.ts";
import { vaultStatus } from "./vault-status.ts";

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

const sweep = (sealedDays?: number) => expire({ ...log, config: { sealedDays } }, "job:test");
const soon = (within?: number) => expiringSoon(log.db, { ...log, config: {} }, within);
const statuses = async (): Promise<unknown[]> =>
  (await log.rows("select status from events.quarantine order by event_id")).map(({ status }) => status);
const sendBroken = (id: string) => send(log, source, joined("m", { id }, { MemberName: "" }));
const idOf = async (event: string): Promise<string> =>
  (await log.rows("select quarantine_id from events.quarantine where event_id = $1", [event]))[0]?.quarantine_id as string;

describe("the key of a day", () => {
  test("lives for ninety days, and the open items of the day until then", async () => {
    await sendBroken("a");
    log.clock.set("2025-05-30T23:59:59Z");
    expect(await sweep()).toEqual({ days: 0, items: 0 });
    expect(await statuses()).toEqual(["open"]);
    log.clock.set("2025-05-31T00:00:00Z");
    expect(await sweep()).toEqual({ days: 1, items: 1 });
    expect(await statuses()).toEqual(["expired"]);
    expect(await log.rows("select bytes, resolution, resolved_at from events.quarantine")).toEqual([
      { bytes: null, resolution: "The key of its day expired.", resolved_at: "2025-05-31T00:00:00Z" },
    ]);
    expect((await sourceBalances(log.db)).find((balance) => balance.source === source.source)).toMatchObject({
      ...{ received: 1, in_quarantine: 0, expired: 1, lost: 0 },
    });
    expect((await showQuarantine(log.db, log.keys, await idOf("a"))).received).toBeUndefined();
  });

  test("lives as long as is configured", async () => {
    await sendBroken("a");
    log.clock.set("2025-03-08T00:00:00Z");
    expect(await sweep(7)).toEqual({ days: 0, items: 0 });
    log.clock.set("2025-03-09T00:00:00Z");
    expect(await sweep(7)).toEqual({ days: 1, items: 1 });
  });

  test("goes once, however often it is swept, and is written down once", async () => {
    const audited = () => log.rows("select count(*)::int as n from platform.audit where action = 'privacy.expire'");
    const [before] = await audited();
    await sendBroken("a");
    log.clock.set("2025-07-01T00:00:00Z");
    const done = await Promise.all([sweep(), sweep(), sweep()]);
    expect(done.filter(({ days }) => days === 1)).toHaveLength(1);
    expect(await sweep()).toEqual({ days: 0, items: 0 });
    expect(await audited()).toEqual([{ n: Number(before?.n) + 1 }]);
  });

  test("is outlived by an item that was mended later, which can be replayed still", async () => {
    await sendBroken("a");
    log.clock.set("2025-04-15T00:00:00Z");
    await fixQuarantine(log, await idOf("a"), JSON.stringify(joined("m", { id: "a" })));
    log.clock.set("2025-06-01T00:00:00Z");
    expect(await sweep()).toEqual({ days: 1, items: 0 });
    expect(await replay(log, {})).toMatchObject({ logged: 1, left: 0 });
  });

  test("takes no bytes from what was resolved, which nobody can read either, nor anything from the log", async () => {
    await send(log, source, joined("m", { id: "j" }, { Remark: "unknown" }), visited("m", { id: "v" }, { Minutes: "x" }));
    await fixQuarantine(log, await idOf("v"), JSON.stringify(visited("m", { id: "v" })));
    await replay(log, {});
    const before = await log.rows("select unknown from events.log where event_id = 'j'");
    log.clock.set("2025-07-01T00:00:00Z");
    expect(await sweep()).toEqual({ days: 1, items: 0 });
    expect(await statuses()).toEqual(["replayed"]);
    expect(await log.rows("select unknown from events.log where event_id = 'j'")).toEqual(before);
  });

  test("is made anew by what comes after, of its own day", async () => {
    log.clock.set("2025-07-01T00:00:00Z");
    await sweep();
    await sendBroken("b");
    expect(await sweep()).toEqual({ days: 0, items: 0 });
    expect(await statuses()).toEqual(["open"]);
  });
});

describe("a sweep beside a replay", () => {
  test("waits for the items that are being replayed, and leaves what was logged alone", async () => {
    await sendBroken("a");
    await fixQuarantine(log, await idOf("a"), JSON.stringify(joined("m", { id: "a" })));
    await sendBroken("b");
    const [taken, go] = [signal(), signal()];
    const id = await idOf("a");
    const replaying = transaction(log.database.pg, async (db) => {
      await db.query("select from events.quarantine where quarantine_id = $1 for update", [id]);
      await db.query("update events.quarantine set status = 'replayed' where quarantine_id = $1", [id]);
      taken.give();
      await go.given;
    });
    await taken.given;
    log.clock.set("2025-07-01T00:00:00Z");
    const sweeping = sweep();
    await somebodyWaits(log);
    go.give();
    await replaying;
    expect(await sweeping).toEqual({ days: 1, items: 1 });
    expect(await statuses()).toEqual(["replayed", "expired"]);
  });

  test("leaves to a replay that comes after it nothing to take", async () => {
    await sendBroken("a");
    log.clock.set("2025-07-01T00:00:00Z");
    await sweep();
    expect(await replay(log, {})).toMatchObject({ taken: 0 });
    expect(outcomesOf(await sendBroken("a"))).toEqual(["quarantined"]);
  });
});

describe("fourteen days before", () => {
  test("it is said what will be gone, by type and reason, and when the first goes", async () => {
    await send(log, source, joined("m", { id: "a" }, { MemberName: "" }), joined("m", { id: "b" }, { MemberName: "" }));
    await send(log, source, visited("m", { id: "v" }, { Minutes: "x" }));
    log.clock.set("2025-05-16T23:59:59Z");
    expect(await soon()).toEqual([]);
    log.clock.set("2025-05-17T00:00:00Z");
    const [joinings, visits] = await soon();
    expect(joinings).toMatchObject({ type: "Shop.MemberJoined", items: 2, expires_on: "2025-05-31" });
    expect(visits).toMatchObject({ type: "Shop.VisitMade", items: 1, expires_on: "2025-05-31" });
    log.clock.set("2025-05-31T00:00:00Z");
    await sweep();
    expect([await soon(), await listQuarantine(log.db)]).toEqual([[], []]);
  });

  test("a mended item is counted from when it was mended", async () => {
    await sendBroken("a");
    log.clock.set("2025-04-15T00:00:00Z");
    await fixQuarantine(log, await idOf("a"), JSON.stringify(joined("m", { id: "a" })));
    log.clock.set("2025-05-20T00:00:00Z");
    expect(await soon()).toEqual([]);
    expect(await soon(60)).toMatchObject([{ expires_on: "2025-07-15" }]);
  });
});

test("the status of the vault counts all of it", async () => {
  await send(
    log,
    source,
    joined("m", { id: "j" }, { Phone: "1", Email: "m@example.com" }),
    joined("n", { id: "k" }, { MemberName: "" }),
  );
  log.clock.set("2025-05-20T00:00:00Z");
  const status = await vaultStatus(log.db, { ...log, config: { sealedDays: 90 } });
  expect(status).toMatchObject({ subjects: 1, values: 2, values_of_old: 0, erased: 0, dropped: 0, sealed_days: 90 });
  expect(status.days).toEqual({ kept: 1, oldest: "2025-03-01", next_expires_on: "2025-05-31" });
  expect(status.generations).toMatchObject([{ generation: 1, subjects: 1 }]);
  expect(status.master_key).toEqual({ fingerprint: log.keys.fingerprint, changed_at: null });
  expect(status.expiring).toMatchObject([{ items: 1 }]);
});
