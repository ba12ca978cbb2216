import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { bestMonths, createShop, dropShop, salesDaily, salesMonthly, sampleMart, schemas } from "./sample-marts.ts";
import { martStatus } from "./status.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await dropShop(pool);
  await createShop(pool);
});

const checkpoint = (seq: number) =>
  pool.query(
    "insert into events.checkpoint (projection, seq) values ('shop', $1) on conflict (projection, generation) do update set seq = excluded.seq",
    [seq],
  );
const status = async (name: string) => (await martStatus(pgExecutor(pool))).find((mart) => mart.name === name);

describe("the position of a mart", () => {
  test("is 0 while its projection has read nothing", async () => {
    await buildMarts(pool, [await salesDaily()], { schemas });
    expect(await status("fct_sales_daily")).toMatchObject({ positions: { shop: 0 }, rows: 0, status: "current", stale: false });
  });

  test("is its projection's checkpoint in the snapshot that filled it, and moves on when nothing had to be computed", async () => {
    await checkpoint(7);
    await buildMarts(pool, [await salesDaily(), await salesMonthly(), await bestMonths()], { schemas });
    expect((await status("best_months"))?.positions).toEqual({ shop: 7 });
    await checkpoint(9);
    expect((await status("best_months"))?.positions).toEqual({ shop: 7 });
    expect((await refreshMarts(pool)).every(({ skipped }) => skipped)).toBe(true);
    expect((await status("best_months"))?.positions).toEqual({ shop: 9 });
  });

  test("of a view is where its tables are, and no further than the marts it reads", async () => {
    const view = await sampleMart(
      "-- r\nselect daily.day, count(*) as sales from marts.fct_sales_daily as daily join shop.sale on true group by 1",
      {
        name: "mixed",
        kind: "view",
        columns: ["day", "sales"],
        key: ["day"],
        reads: { "marts.fct_sales_daily": null, "shop.sale": null },
      },
    );
    const direct = await sampleMart("-- r\nselect sale.sale_id from shop.sale", {
      name: "direct",
      kind: "view",
      columns: ["sale_id"],
      key: ["sale_id"],
      reads: { "shop.sale": null },
    });
    await checkpoint(1);
    await buildMarts(pool, [await salesDaily(), view, direct], { schemas });
    await checkpoint(2);
    expect((await status("mixed"))?.positions).toEqual({ shop: 1 });
    expect((await status("direct"))?.positions).toEqual({ shop: 2 });
  });

  test("does not move when the refresh fails; what stands above waits, both are stale, and it heals", async () => {
    const fragile = await salesDaily(" / min(sale.amount - 13)");
    await checkpoint(1);
    await buildMarts(pool, [fragile, await salesMonthly()], { schemas });
    await checkpoint(2);
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
    const failed = await refreshMarts(pool);
    expect(failed.map(({ reason, error }) => [reason, error])).toEqual([
      ["failed", "marts.fct_sales_daily: division by zero"],
      ["waits for marts.fct_sales_daily", undefined],
    ]);
    expect(await status("fct_sales_daily")).toMatchObject({ positions: { shop: 1 }, status: "failed", stale: true, waiting: 1 });
    expect(await status("fct_sales_monthly")).toMatchObject({ positions: { shop: 1 }, status: "current", stale: true });
    await pool.query("update shop.sale set amount = 14");
    await refreshMarts(pool);
    expect(await status("fct_sales_daily")).toMatchObject({
      positions: { shop: 2 },
      status: "current",
      error: null,
      stale: false,
      rows: 1,
    });
    expect(await status("fct_sales_monthly")).toMatchObject({ positions: { shop: 2 }, stale: false, rows: 1 });
  });

  test("that lags for longer than its freshness makes the mart stale", async () => {
    await buildMarts(pool, [{ ...(await salesDaily()), freshness_s: 0 }], { schemas });
    expect((await status("fct_sales_daily"))?.stale).toBe(false);
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 13)");
    expect(await status("fct_sales_daily")).toMatchObject({ waiting: 1, stale: true });
    await refreshMarts(pool);
    expect(await status("fct_sales_daily")).toMatchObject({ waiting: 0, waiting_since: null, stale: false });
  });

  test("counts from the receipt of the first event that it does not hold", async () => {
    await pool.query(`
      insert into events.source (source, namespace) values ('till', 'till');
      insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at)
      values (1, 1, 'till', 1, 1, 0, 0, '2026-01-01Z'), (2, 2, 'till', 1, 1, 0, 0, clock_timestamp())`);
    await buildMarts(pool, [await salesDaily()], { schemas });
    expect(await status("fct_sales_daily")).toMatchObject({
      waiting: 0,
      waiting_since: "2026-01-01T00:00:00+00:00",
      stale: true,
    });
    await checkpoint(1);
    await refreshMarts(pool);
    expect((await status("fct_sales_daily"))?.stale).toBe(false);
  });
});
