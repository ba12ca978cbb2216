import type { Mart } from "@jukebase/platform/mart.ts";
import { describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { refreshMarts } from "../refresh.ts";
import { salesDaily, salesMonthly, sampleMart, schemas } from "../sample-marts.ts";
import { verifyMart } from "../verify.ts";
import { refreshesOf } from "./history.ts";
import { testShop } from "./shop.testing.ts";
import { unitsNow } from "./units-now.ts";

const shop = testShop();
const { db, sell, refresh, history } = shop;
const tenMinutes = { refresh: { every_s: 600 }, freshness_s: 3600 };
const daily = "fct_sales_daily";
const monthly = "fct_sales_monthly";

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

const build = (marts: readonly Mart[]) => buildMarts(shop.pool(), marts, { schemas });
const units = async () =>
  (await unitsNow(db())).units.map(({ key, apart, behind, marked }) => [key, apart, behind.marts.length, marked]);

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
    await shop
      .pool()
      .query("update marts_store.mart set refreshed_at = now() - interval '601 seconds' where name = $1", [monthly]);
    expect((await unitsNow(db())).units[1]?.due_in_ms).toBeLessThan(0);
  });

  test("that reads tables beside marts takes these along, so that both are of one snapshot", async () => {
    await build([await salesDaily(), await mixed()]);
    await sell(1);
    await refresh("sales_twice");
    expect((await shop.pool().query("select * from marts.sales_twice")).rows).toEqual([{ kept: 1, sold: 1 }]);
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
    await refreshMarts(shop.pool(), { only: [daily] });
    await refresh("joined");
    expect((await shop.pool().query("select * from marts.joined")).rows).toEqual([{ months: 1, sales: 1 }]);
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
      for (let pass = 0; pass < 5; pass += 1) await refresh(key);
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
      expect(await verifyMart(shop.pool(), name)).toMatchObject({ missing: 0, unexpected: 0 });
  });
});

describe("a mart that fails", () => {
  test("is left alone for a while, then tried again; those above wait and say for whom; repaired, all go on by themselves", async () => {
    await build([await salesDaily(" / min(sale.amount - 13)"), await salesMonthly()]);
    await shop.pool().query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
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
    await shop.pool().query("update shop.sale set amount = 14");
    await passes();
    await refresh(daily);
    expect(await history(daily, 1)).toEqual([["refreshed", "event", expect.any(String), 1]]);
    expect((await shop.pool().query("select tries, retry_at, waits_for, stale from marts_store.mart")).rows).toEqual(
      [1, 2].map(() => ({ tries: 0, retry_at: null, waits_for: null, stale: false })),
    );
    expect(await units()).toEqual([[daily, false, 0, false]]);
  });

  test("is tried at once when a person asks", async () => {
    await build([await salesDaily(" / min(sale.amount - 13)")]);
    await shop.pool().query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
    await refresh(daily);
    await shop.pool().query("update shop.sale set amount = 14");
    await refreshMarts(shop.pool(), { only: [daily], asked: { reason: "manual", actor: "cli:ada" } });
    expect(await history(daily, 1)).toEqual([["refreshed", "manual", expect.any(String), 1]]);
  });

  // As if the server's clock had moved on.
  const passes = () => shop.pool().query("update marts_store.mart set retry_at = now() where retry_at is not null");
});

describe("a refresh whose connection dies", () => {
  test("is told as interrupted by the one that takes over", async () => {
    await build([await salesDaily(), await salesMonthly()]);
    await sell(1);
    const blocker = await shop.pool().connect();
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
      const { rowCount } = await shop
        .pool()
        .query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0",
        );
      if (rowCount === 1) return;
    }
  }
});

// In one statement, so at one snapshot: how many sales the days and the months hold.
async function held(): Promise<number[]> {
  return (await heldWithPositions()).slice(0, 2).map(({ sales }) => sales);
}

async function heldWithPositions(): Promise<{ position: number; sales: number }[]> {
  const { rows: there } = await shop
    .pool()
    .query<{ there: boolean }>("select to_regclass('marts.sales_twice') is not null as there");
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
  const { rows } = await shop.pool().query<{ position: number; sales: number }>(
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
  const { rows } = await shop
    .pool()
    .query<{ at: number }>("select (positions ->> 'shop')::integer as at from marts_store.mart where name = $1", [mart]);
  return rows[0]?.at;
}
