import { describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { refreshMarts } from "../refresh.ts";
import { salesDaily, salesMonthly, schemas } from "../sample-marts.ts";
import { listRefreshes, refreshDurations, refreshesOf, sweepRefreshes } from "./history.ts";
import { measureLoad } from "./load.ts";
import { testShop } from "./shop.testing.ts";

const shop = testShop();
const { db, sell, refresh, history } = shop;
const build = (marts: Parameters<typeof buildMarts>[1]) => buildMarts(shop.pool(), marts, { schemas });
const daily = "fct_sales_daily";
const monthly = "fct_sales_monthly";

describe("the history of a mart", () => {
  test("says why it was refreshed, what was computed, how much of it changed, and how long the event waited", async () => {
    await build([await salesDaily(), await salesMonthly()]);
    await shop.pool().query(`
      insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at)
      values (1, 1, 'till', 1, 1, 0, 0, clock_timestamp() - interval '5 seconds')`);
    await sell(1);
    await refresh(daily);
    const [record] = await refreshesOf(db(), daily, 1);
    expect(record).toMatchObject({
      outcome: "refreshed",
      reason: "event",
      rows_changed: 1,
      rows: 1,
      buckets: 1,
      tries: 1,
      actor: null,
    });
    expect(record?.lag_ms).toBeGreaterThanOrEqual(5_000);
    expect(record?.duration_ms).toBeGreaterThanOrEqual(0);
    expect(await history(monthly)).toEqual([
      ["refreshed", "upstream", expect.stringMatching(/^1 bucket, /), 1],
      ["refreshed", "build", "filled", 0],
    ]);
    expect((await refreshesOf(db(), monthly, 1))[0]?.run_id).toBe(record?.run_id);
  });

  test("says nothing of a refresh that had nothing to do, unless a person asked for it", async () => {
    await build([await salesDaily()]);
    await refresh(daily);
    await refreshMarts(shop.pool(), { asked: { reason: "manual", actor: "cli:ada" } });
    expect(await refreshesOf(db(), daily, 9)).toMatchObject([
      { outcome: "unchanged", reason: "manual", actor: "cli:ada" },
      { outcome: "refreshed", reason: "build" },
    ]);
  });

  test("is narrowed by mart, reason and outcome, goes on from page to page, and ends", async () => {
    await build([await salesDaily(), await salesMonthly()]);
    for (const n of [1, 2, 3]) {
      await sell(n);
      await refresh(daily);
    }
    const pages: string[] = [];
    let before: { finished_at: string; mart: string } | undefined;
    for (;;) {
      const page = await listRefreshes(db(), { outcome: "refreshed", before }, 3);
      if (page.length === 0) break;
      pages.push(...page.map(({ run_id, mart }) => `${run_id} ${mart}`));
      before = page.at(-1);
    }
    expect(new Set(pages).size).toBe(8);
    expect(await listRefreshes(db(), { reason: "build", mart: monthly }, 9)).toHaveLength(1);
    expect(await listRefreshes(db(), { outcome: "failed" }, 9)).toEqual([]);
  });

  test("tells how long refreshes took", async () => {
    await shop.pool().query(`
      insert into marts_store.refresh (run_id, mart, reason, outcome, started_at, duration_ms)
      select uuidv7(), mart, 'event', 'refreshed', now(), ms from (values ('a', 10), ('a', 20), ('a', 90), ('b', 400)) as took (mart, ms)`);
    expect(await refreshDurations(db())).toEqual([
      { mart: "b", refreshes: 1, median_ms: 400, longest_ms: 400 },
      { mart: "a", refreshes: 3, median_ms: 20, longest_ms: 90 },
    ]);
  });

  test("is swept: what is old, and what is more than enough of what happens by itself", async () => {
    await shop.pool().query(`
      insert into marts_store.refresh (run_id, mart, reason, outcome, started_at, finished_at)
      select uuidv7(), 'a', 'event', 'refreshed', now(), now() from generate_series(1, 2010);
      insert into marts_store.refresh (run_id, mart, reason, outcome, started_at, finished_at)
      values (uuidv7(), 'a', 'event', 'failed', now(), now()), (uuidv7(), 'b', 'event', 'failed', now(), now() - interval '91 days');
      insert into marts_store.refresh_run (unit, marts, reason, started_at) values ('c', '{c,d}', 'event', now() - interval '25 hours')`);
    expect(await sweepRefreshes(db())).toBe(11);
    expect(await history("c")).toEqual([["interrupted", "event", null, null]]);
    expect(await sweepRefreshes(db())).toBe(0);
  });
});

test("the load is what projections have not read, what came in, and sessions that wait for one another", async () => {
  await shop.pool().query(`
    insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at)
    select n, n, 'till', 10, 10, 0, 0, clock_timestamp() - (4 - n) * interval '1 minute' from generate_series(1, 4) as n;
    insert into events.checkpoint (projection, seq, updated_at) values ('stuck', 0, now() - interval '2 minutes');
    update events.checkpoint set seq = 1 where projection = 'shop'`);
  const [holder, waiter] = [await shop.pool().connect(), await shop.pool().connect()];
  await holder.query("select pg_advisory_lock(1)");
  const waiting = waiter.query("select pg_advisory_lock(1)");
  await expect.poll(() => measureLoad(db())).toEqual({ unread_events: 30, received_per_s: 2, waiting_sessions: 1 });
  await holder.query("select pg_advisory_unlock_all()");
  await waiting;
  await waiter.query("select pg_advisory_unlock_all()");
  holder.release();
  waiter.release();
});
