import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, leftovers, salesDaily, salesMonthly, schemas, shopMarts } from "./sample-marts.ts";
import { verifyMart } from "./verify.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6, options: "-c timezone=UTC" });
  pool.on("connect", (client) => client.on("error", () => {})); // As `connect` does; one of them is going to be killed.
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await dropShop(pool);
  await createShop(pool);
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
});

const build = (marts: readonly Mart[]) => buildMarts(pool, marts, { schemas });
const texts = async (sql: string) => (await pool.query<{ text: string }>(sql)).rows.map(({ text }) => text);

test("bucket SQL that names a mart finds its store, also before that mart has a name, and of the environment", async () => {
  const monthly = await salesMonthly();
  const marts = [
    await salesDaily(),
    {
      ...monthly,
      reads: {
        "marts.fct_sales_daily":
          "select date_trunc('month', daily.day)::date as month from changed join marts.fct_sales_daily as daily on daily.day = changed.day union select date_trunc('month', changed.day)::date from changed",
      },
    },
  ];
  await build(marts);
  await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
  await refreshMarts(pool);
  expect(await verifyMart(pool, "fct_sales_monthly")).toMatchObject({ missing: 0, unexpected: 0 });
});

describe("a build repairs", () => {
  test("a view that somebody dropped, and leaves its store alone", async () => {
    await build(await shopMarts());
    await pool.query("drop view marts.best_month");
    const done = await build(await shopMarts());
    expect(done).toMatchObject({ built: [], shared: [] });
    expect((await pool.query("select amount from marts.best_month")).rows).toEqual([{ amount: "7" }]);
    expect(await build(await shopMarts())).toMatchObject({ built: [], swap: undefined });
  });

  test.each([
    ["a store", (store: string) => `drop table marts_store."${store}" cascade`],
    ["the table of its marks", (store: string) => `drop table marts_store."${store}__dirty"`],
    ["the view of its SELECT", (store: string) => `drop view marts_store."${store}__definition" cascade`],
  ])("%s that somebody dropped, with all that went along", async (_, drop) => {
    await build(await shopMarts());
    const [store = ""] = await texts("select store as text from marts_store.mart where name = 'fct_sales_daily'");
    await pool.query(drop(store));
    await build(await shopMarts());
    await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
    expect((await refreshMarts(pool)).filter(({ error }) => error !== undefined)).toEqual([]);
    expect((await pool.query("select amount from marts.best_month")).rows).toEqual([{ amount: "50" }]);
    for (const name of ["fct_sales_daily", "fct_sales_monthly", "best_months", "months_by_rank"])
      expect(await verifyMart(pool, name)).toMatchObject({ missing: 0, unexpected: 0 });
    expect(await leftovers(pool)).toEqual([]);
  });

  test("what a killed connection left: the old marts serve, and the next build puts the new ones in place", async () => {
    await build(await shopMarts());
    const reader = await pool.connect();
    await reader.query("begin");
    await reader.query("select from marts.best_month"); // Holds the swap up.
    const changed = [...(await shopMarts()).slice(1, 4), await salesDaily(" * 2")];
    const doomed = build(changed).catch((failure: Error) => failure);
    await untilWaiting();
    await pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%marts%' and wait_event_type = 'Lock' and pid <> pg_backend_pid()",
    );
    await reader.query("commit");
    reader.release();
    expect(await doomed).toBeInstanceOf(Error);
    expect((await pool.query("select amount from marts.best_month")).rows).toEqual([{ amount: "7" }]);
    expect(await build(changed)).toMatchObject({ built: expect.arrayContaining(["fct_sales_daily"]), removed: ["best_month"] });
    expect((await pool.query("select amount from marts.fct_sales_monthly order by 1")).rows).toEqual([
      { amount: "10" },
      { amount: "14" },
    ]);
    expect(await leftovers(pool)).toEqual([]);
  });

  test("nothing that its tests refuse: the old marts serve on", async () => {
    await build([await salesDaily()]);
    const changed = await salesDaily(" * 2");
    const seen: string[] = [];
    const refused = buildMarts(pool, [changed], {
      schemas,
      accept: async (db, marts, where) => {
        const [row] = await db.query<{ amount: string }>(
          `select sum(amount)::text as amount from ${where("marts", "fct_sales_daily")}`,
        );
        seen.push(...marts.map(({ name }) => name), row?.amount ?? "");
        return ["amounts are doubled"];
      },
    });
    await expect(refused).rejects.toThrow(
      "Nothing was put in place, the marts of before serve on, since tests fail:\namounts are doubled",
    );
    expect(seen).toEqual(["fct_sales_daily", "24"]);
    expect(await texts("select sum(amount)::text as text from marts.fct_sales_daily")).toEqual(["12"]);
    expect(await build([changed])).toMatchObject({ built: ["fct_sales_daily"] });
    expect(await leftovers(pool)).toEqual([]);
  });
});

async function untilWaiting(): Promise<void> {
  for (let n = 0; n < 1000; n += 1) {
    const { rowCount } = await pool.query(
      "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rowCount) return;
  }
  throw new Error("The swap never waited.");
}
