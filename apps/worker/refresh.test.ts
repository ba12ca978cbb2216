import type { OpenedForTest } from "@jukebase/domains/opened.testing.ts";
import { askForRefresh } from "@jukebase/domains/refresh-by-hand.ts";
import { refreshesOf } from "@jukebase/marts";
import { pendingRequests, requestRefresh } from "@jukebase/marts/service/requests.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { auditTrail } from "@jukebase/platform/audit.ts";
import { deadJobs, listJobs } from "@jukebase/platform/job-list.ts";
import { withBoss } from "@jukebase/platform/jobs.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { martsQueue } from "./queues.ts";
import { freshJob } from "./refresh-jobs.ts";
import { receive, testInstallation, until } from "./worker.testing.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

let test: OpenedForTest;
let worker: RunningWorker;
let db: Executor;
const looks = { count: 0 };

beforeAll(async () => {
  test = await testInstallation();
  db = pgExecutor(test.jukebase.database.pg);
  await start();
});

afterAll(async () => {
  await worker?.close();
  await test?.close();
});

const plays = "fct_monthly_device_plays";
const payments = "fct_payments";
const received = "fct_daily_cash_received";

describe("the refresh service", () => {
  it("refreshes what an event marks and what stands on it, one job at a time, and tells why", async () => {
    await pay(1);
    await until("the payment in the marts", () => isAt(received, 1));
    expect((await refreshesOf(db, payments, 1))[0]).toMatchObject({ outcome: "refreshed", reason: "event", rows_changed: 1 });
    expect((await refreshesOf(db, received, 1))[0]).toMatchObject({ outcome: "refreshed", reason: "upstream", rows_changed: 1 });
    for (const { output } of await listJobs(test.jukebase, { queue: martsQueue, state: "completed" }))
      expect(output).toMatchObject({ failed: [] });
  });

  it("leaves a mart with a schedule alone until its time, while the others go on", async () => {
    await schedule('{"every_s": 600}');
    await pay(2);
    await until("the payment", () => isAt(payments, 2));
    const [at] = await db.query<{ behind: boolean }>(
      "select positions ->> 'sales' = '2' as fresh from marts_store.mart where name = $1",
      [received],
    );
    expect(at).toEqual({ fresh: false });
    await db.query("update marts_store.mart set refreshed_at = now() - interval '601 seconds' where name = $1", [received]);
    await until("its turn", () => isAt(received, 2));
    expect((await refreshesOf(db, received, 1))[0]).toMatchObject({ reason: "schedule", rows_changed: 1 });
    await schedule(null);
  });

  it("waits while the log is far behind, as long as freshness allows, and tells for how long", async () => {
    await db.query("insert into events.checkpoint (projection, seq) values ('elsewhere', 0)");
    await db.query("update events.batch set received = received + 60000, logged = logged + 60000 where seq = 1");
    await pay(3);
    await until("the payment in its table", async () => (await projectedTo()) === 3);
    const before = looks.count;
    await until("three more looks", async () => {
      await db.query("notify jukebase_events");
      return looks.count > before + 3;
    });
    expect(await isAt(payments, 3)).toBe(false);
    await db.query("update marts_store.mart set freshness_s = 0");
    await until("the payment, in spite of the load", () => isAt(payments, 3));
    expect((await refreshesOf(db, payments, 1))[0]?.held_ms).toBeGreaterThan(0);
    await db.query("update marts_store.mart set freshness_s = 60");
    await db.query("delete from events.checkpoint where projection = 'elsewhere'");
    await db.query("update events.batch set received = received - 60000, logged = logged - 60000 where seq = 1");
  });

  it("tries a mart that fails again and again, keeps the others fresh, and goes on with it when it is repaired", async () => {
    const [store] = await db.query<{ name: string }>(
      "select 'marts_store.' || store as name from marts_store.mart where name = $1",
      [payments],
    );
    await db.query(`alter table ${store?.name} add constraint no_more check (false) not valid`);
    await pay(4);
    await listen();
    const failed = await until("the failure", async () =>
      (await refreshesOf(db, payments, 1)).find(({ outcome }) => outcome === "failed"),
    );
    expect(failed.error).toMatch(/^marts\.fct_payments: /);
    expect((await refreshesOf(db, received, 1))[0]).toMatchObject({ outcome: "waits", waits_for: payments });
    await until("the play in a mart", async () => (await position(plays, "music")) === 5);
    await db.query(`alter table ${store?.name} drop constraint no_more`);
    await db.query("update marts_store.mart set retry_at = now() where retry_at is not null"); // As if it had waited.
    await until("the payment", () => isAt(received, 5));
    expect(await listJobs(test.jukebase, { state: "failed" })).toEqual([]);
  });

  it("does what somebody asks for, and writes down who", async () => {
    const by = { actor: "console:ada@example.com" };
    await expect(askForRefresh(test.jukebase, by, ["fct_nothing"])).rejects.toThrow("No mart is called fct_nothing.");
    await askForRefresh(test.jukebase, by, [received]);
    const done = await until("the refresh", async () =>
      (await refreshesOf(db, received, 1)).find(({ reason }) => reason === "manual"),
    );
    expect(done).toMatchObject({ outcome: "unchanged", actor: by.actor });
    await until("the request to be settled", async () => (await pendingRequests(db)).length === 0);
    expect(await auditTrail(db, { action: "marts.refresh" })).toMatchObject([{ actor: by.actor, object: received }]);
  });

  it("gives up a request for a mart that is gone", async () => {
    await requestRefresh(db, ["fct_gone"], "console:ada@example.com");
    const [dead] = await until("the dead letter", async () => {
      const found = await deadJobs(test.jukebase);
      return found.length > 0 && found;
    });
    expect(dead?.error).toMatch(/^There is no mart fct_gone/);
    expect(await pendingRequests(db)).toEqual([]);
  });

  it("takes over from a worker that died in the middle, and says so", async () => {
    await worker.close();
    await withBoss(test.jukebase.database, async (boss) => {
      await boss.send(martsQueue, { units: [], reason: "event", held_ms: 0 }, { singletonKey: freshJob });
      expect(await boss.fetch(martsQueue)).toHaveLength(1);
    });
    await db.query("update pgboss.job set heartbeat_on = now() - interval '1 minute' where name = $1 and state = 'active'", [
      martsQueue,
    ]);
    await db.query("insert into marts_store.refresh_run (unit, marts, reason) values ($1, $2, 'event')", [payments, [payments]]);
    await pay(6);
    await start();
    await until("the payment", () => isAt(received, 6));
    expect(await refreshesOf(db, payments, 2)).toMatchObject([{ outcome: "refreshed" }, { outcome: "interrupted" }]);
  });
});

async function start(): Promise<void> {
  const onLook = (): void => {
    looks.count += 1;
  };
  worker = await startWorker(test.jukebase, { onLook });
}

function pay(n: number): Promise<void> {
  const data = { PaymentAmount: `${n}.00`, Currency: "USD", OccurredAt: "2025-03-01T10:00:00Z" };
  return receive(test.jukebase, { type: "Payment.PaymentReceived", id: `p${n}`, data });
}

function listen(): Promise<void> {
  const data = { SongId: "s1", SongCompleted: true, OccurredAt: "2025-03-01T10:00:00Z" };
  return receive(test.jukebase, { type: "Music.SongListened", id: "l1", data });
}

async function isAt(mart: string, seq: number): Promise<boolean> {
  return (await position(mart, "sales")) === seq;
}

async function position(mart: string, projection: string): Promise<number | undefined> {
  const [row] = await db.query<{ at: number }>("select (positions ->> $2)::int as at from marts_store.mart where name = $1", [
    mart,
    projection,
  ]);
  return row?.at;
}

async function projectedTo(): Promise<number | undefined> {
  const [row] = await db.query<{ seq: number }>("select seq from events.checkpoint where projection = 'sales'");
  return row?.seq;
}

async function schedule(refresh: string | null): Promise<void> {
  await db.query("update marts_store.mart set refresh = $2 where name = $1", [received, refresh]);
}
