import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { refreshMarts } from "../refresh.ts";
import { createShop, dropShop, salesDaily, salesMonthly, sampleMart, schemas } from "../sample-marts.ts";
import { verifyMart } from "../verify.ts";
import { listRefreshes, refreshesOf, sweepRefreshes } from "./history.ts";
import { measureLoad } from "./load.ts";
import { unitsNow } from "./units-now.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6, options: "-c timezone=UTC" });
  pool.on("connect", (client) => client.on("error", () => {})); // One test cuts a connection off.
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await dropShop(pool);
  await createShop(pool);
  await pool.query(
    "delete from marts_store.refresh; delete from marts_store.refresh_run; insert into events.checkpoint (projection, seq) values ('shop', 0)",
  );
});

const db = () => pgExecutor(pool);
const tenMinutes = { refresh: { every_s: 600 }, freshness_s: 3600 };
const daily = "fct_sales_daily";
const monthly = "fct_sales_monthly";

/** Event n is one sale, and its transaction says that the projection has read n: a mart at n has n sales. */
async function sell(n: number): Promise<void> {
  await pool.query(`
    with read as (update events.checkpoint set seq = ${n} where projection = 'shop')
    insert into shop.sale values (${n}, ${n % 3}, '2026-01-01Z'::timestamptz + ${(n * 7) % 90} * interval '1 day', ${n})`);
}

/** Months beside the sales themselves: reads a mart, and the tables beneath that. */
async function mixed(): Promise<Mart> {
  const sql = `-- Both count the same sales.
select sum(daily.sales)::integer as kept, (select count(*)::integer from shop.sale) as sold
from marts.fct_sales_daily as daily
`;
  return {
    ...(await sampleMart(sql, {
      name: "sales_twice",
      kind: "materialized",
      columns: ["kept", "sold"],
      key: ["sold"],
      reads: { "marts.fct_sales_daily": null, "shop.sale": null },
    })),
    ...tenMinutes,
  };
}

const build = (marts: readonly Mart[]) => buildMarts(pool, marts, { schemas });
const refresh = (...keys: string[]) => refreshMarts(pool, { units: keys.map((key) => [key]), wait: false });
const units = async () =>
  (await unitsNow(db())).units.map(({ key, apart, behind, marked }) => [key, apart, behind.marts.length, marked]);
const history = async (mart: string, n = 9) =>
  (await refreshesOf(db(), mart, n)).map(({ outcome, reason, how, rows_changed }) => [outcome, reason, how, rows_changed]);

describe("the history of a mart", () => {
  test("says why it was refreshed, what was computed, how much of it changed, and how long the event waited", async () => {
    await build([await salesDaily(), await salesMonthly()]);
    await pool.query(`
      insert into events.source (source, namespace) values ('till', 'till') on conflict do nothing;
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
    await pool.query("delete from events.batch");
  });

  test("says nothing of a refresh that had nothing to do, unless a person asked for it", async () => {
    await build([await salesDaily()]);
    await refresh(daily);
    await refreshMarts(pool, { asked: { reason: "manual", actor: "cli:ada" } });
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

  test("is swept: what is old, and what is more than enough of what happens by itself", async () => {
    await pool.query(`
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

describe("a mart with a schedule", () => {
  test("is left alone by the refresh of the others, waits for its time, and holds at each moment what its position says", async () => {
    await build([await salesDaily(), { ...(await salesMonthly()), ...tenMinutes }]);
    await sell(1);
    expect(await units()).toEqual([
      [daily, false, 1, true],
      [monthly, true, 0, false],
    ]);
    await refresh(daily);
    await sell(2);
    expect(await held()).toEqual([1, 0]);
    expect((await unitsNow(db())).units[1]).toMatchObject({ key: monthly, marked: true, freshness_ms: 3_600_000 });
    expect((await unitsNow(db())).units[1]?.due_in_ms).toBeGreaterThan(500_000);
    await refresh(monthly);
    expect(await held()).toEqual([1, 1]);
    expect(await history(monthly, 1)).toEqual([["refreshed", "schedule", expect.any(String), 1]]);
    await pool.query("update marts_store.mart set refreshed_at = now() - interval '601 seconds' where name = $1", [monthly]);
    expect((await unitsNow(db())).units[1]?.due_in_ms).toBeLessThan(0);
  });

  test("that reads tables beside marts takes these along, so that both are of one snapshot", async () => {
    await build([await salesDaily(), await mixed()]);
    await sell(1);
    await refresh("sales_twice");
    expect((await pool.query("select * from marts.sales_twice")).rows).toEqual([{ kept: 1, sold: 1 }]);
    expect(await position("sales_twice")).toBe(1);
    expect(await position(daily)).toBe(1);
  });

  test("finds its way again after what it reads was refreshed by hand in part", async () => {
    const joined = await sampleMart(
      "-- Days and months side by side.\nselect count(*)::integer as months, (select sum(daily.sales)::integer from marts.fct_sales_daily as daily) as sales from marts.fct_sales_monthly as monthly",
      {
        name: "joined",
        kind: "materialized",
        columns: ["months", "sales"],
        key: ["months"],
        reads: { "marts.fct_sales_daily": null, "marts.fct_sales_monthly": null },
      },
    );
    await build([await salesDaily(), await salesMonthly(), { ...joined, ...tenMinutes }]);
    await sell(1);
    await refreshMarts(pool, { only: [daily] });
    await refresh("joined");
    expect((await pool.query("select * from marts.joined")).rows).toEqual([{ months: 1, sales: 1 }]);
    expect(await position(monthly)).toBe(1);
  });

  test("is exact at its position with writers and refreshes of every unit beside it", async () => {
    await build([await salesDaily(), { ...(await salesMonthly()), ...tenMinutes }, await mixed()]);
    let running = true;
    const writing = (async () => {
      let n = 0;
      while (running) await sell(++n);
      return n;
    })();
    const refreshing = [daily, monthly, "sales_twice"].map(async (key) => {
      for (let pass = 0; pass < 8; pass += 1) await refresh(key);
    });
    const reading = (async () => {
      while (running) for (const { position, sales } of await heldWithPositions()) expect(sales).toBe(position);
    })();
    await Promise.all(refreshing);
    running = false;
    await reading;
    const written = await writing;
    await refresh(daily, monthly, "sales_twice");
    expect(await heldWithPositions()).toEqual([1, 2, 3, 4].map(() => ({ position: written, sales: written })));
    for (const name of [daily, monthly, "sales_twice"])
      expect(await verifyMart(pool, name)).toMatchObject({ missing: 0, unexpected: 0 });
  });
});

describe("a mart that fails", () => {
  test("is left alone for a while, then tried again; those above wait and say for whom; repaired, all go on by themselves", async () => {
    await build([await salesDaily(" / min(sale.amount - 13)"), await salesMonthly()]);
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
    await refresh(daily);
    await refresh(daily);
    expect(await refreshesOf(db(), daily, 2)).toMatchObject([
      { outcome: "failed", tries: 1, error: "marts.fct_sales_daily: division by zero" },
      { outcome: "refreshed", reason: "build" },
    ]);
    expect(await refreshesOf(db(), monthly, 1)).toMatchObject([{ outcome: "waits", waits_for: daily }]);
    const [now] = (await unitsNow(db())).units;
    expect(now).toMatchObject({ behind: { marts: [], failing: [{ mart: daily }] } });
    await passes();
    expect(await units()).toEqual([[daily, false, 2, true]]);
    await refresh(daily);
    expect((await refreshesOf(db(), daily, 1))[0]).toMatchObject({ outcome: "failed", tries: 2 });
    expect(await history(monthly)).toHaveLength(2);
    await pool.query("update shop.sale set amount = 14");
    await passes();
    await refresh(daily);
    expect(await history(daily, 1)).toEqual([["refreshed", "event", expect.any(String), 1]]);
    expect((await pool.query("select tries, retry_at, waits_for, stale from marts_store.mart")).rows).toEqual(
      [1, 2].map(() => ({ tries: 0, retry_at: null, waits_for: null, stale: false })),
    );
    expect(await units()).toEqual([[daily, false, 0, false]]);
  });

  test("is tried at once when a person asks", async () => {
    await build([await salesDaily(" / min(sale.amount - 13)")]);
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
    await refresh(daily);
    await pool.query("update shop.sale set amount = 14");
    await refreshMarts(pool, { only: [daily], asked: { reason: "manual", actor: "cli:ada" } });
    expect(await history(daily, 1)).toEqual([["refreshed", "manual", expect.any(String), 1]]);
  });

  // As if the server's clock had moved on.
  const passes = () => pool.query("update marts_store.mart set retry_at = now() where retry_at is not null");
});

describe("a refresh whose connection dies", () => {
  test("is told as interrupted by the one that takes over", async () => {
    await build([await salesDaily(), await salesMonthly()]);
    await sell(1);
    const blocker = await pool.connect();
    await blocker.query("begin; lock table shop.sale in access exclusive mode");
    const dying = refresh(daily).catch((failure: Error) => failure.message);
    await killBlocked();
    await blocker.query("rollback");
    blocker.release();
    expect(await dying).toBe("The transaction failed, and so did its rollback");
    expect((await unitsNow(db())).units[0]?.running).toMatchObject({ unit: daily, reason: "event" });
    await refresh(daily);
    expect(await history(daily, 2)).toEqual([
      ["refreshed", "event", expect.any(String), 1],
      ["interrupted", "event", null, null],
    ]);
    expect(await history(monthly, 2)).toEqual([
      ["refreshed", "upstream", expect.any(String), 1],
      ["interrupted", "event", null, null],
    ]);
    expect((await unitsNow(db())).units[0]).toMatchObject({ running: undefined, last: { unit: daily } });
  });

  async function killBlocked(): Promise<void> {
    for (;;) {
      const { rowCount } = await pool.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0",
      );
      if (rowCount === 1) return;
    }
  }
});

test("the load is what projections have not read, what came in, and sessions that wait for one another", async () => {
  await pool.query(`
    insert into events.source (source, namespace) values ('till', 'till') on conflict do nothing;
    insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at)
    select n, n, 'till', 10, 10, 0, 0, clock_timestamp() - (4 - n) * interval '1 minute' from generate_series(1, 4) as n;
    update events.checkpoint set seq = 1`);
  const [holder, waiter] = [await pool.connect(), await pool.connect()];
  await holder.query("select pg_advisory_lock(1)");
  const waiting = waiter.query("select pg_advisory_lock(1)");
  await expect.poll(() => measureLoad(db())).toEqual({ unread_events: 30, received_per_s: 2, waiting_sessions: 1 });
  await holder.query("select pg_advisory_unlock_all()");
  await waiting;
  await waiter.query("select pg_advisory_unlock_all()");
  holder.release();
  waiter.release();
  await pool.query("delete from events.batch");
});

// In one statement, so at one snapshot: how many sales the days and the months hold.
async function held(): Promise<number[]> {
  return (await heldWithPositions()).slice(0, 2).map(({ sales }) => sales);
}

async function heldWithPositions(): Promise<{ position: number; sales: number }[]> {
  const { rows: there } = await pool.query<{ there: boolean }>("select to_regclass('marts.sales_twice') is not null as there");
  const sums = [
    [daily, "coalesce(sum(sales), 0)"],
    [monthly, "coalesce(sum(sales), 0)"],
    ...(there[0]?.there
      ? [
          ["sales_twice", "coalesce(sum(kept), 0)"],
          ["sales_twice", "coalesce(sum(sold), 0)"],
        ]
      : []),
  ];
  const { rows } = await pool.query<{ position: number; sales: number }>(
    sums
      .map(
        ([mart, sum]) => `
        select (positions ->> 'shop')::integer as position, (select ${sum}::integer from marts.${mart}) as sales
        from marts_store.mart where name = '${mart}'`,
      )
      .join(" union all "),
  );
  return rows;
}

async function position(mart: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ at: number }>(
    "select (positions ->> 'shop')::integer as at from marts_store.mart where name = $1",
    [mart],
  );
  return rows[0]?.at;
}
