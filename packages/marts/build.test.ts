import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, leftovers, salesDaily, salesMonthly, sampleMart, schemas, shopMarts } from "./sample-marts.ts";
import { verifyMart } from "./verify.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6, options: "-c timezone=UTC" });
  await pool.query(
    "do $$ begin create role jukebase_reader; exception when duplicate_object or unique_violation then null; end $$",
  );
  await pool.query("grant usage on schema marts to jukebase_reader");
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
describe("a build", () => {
  test("makes every mart, in order, each a documented view that readers may read", async () => {
    const done = await build(await shopMarts());
    expect(done.built).toEqual(["fct_sales_daily", "fct_sales_monthly", "best_months", "best_month", "months_by_rank"]);
    expect((await pool.query("select month::text, amount from marts.best_month")).rows).toEqual([
      { month: "2026-02-01", amount: "7" },
    ]);
    expect(await texts("select obj_description('marts.best_month'::regclass) as text")).toEqual([
      "Sample best_month\nOne row: one sample\nOwner: tests",
    ]);
    expect(await texts("select col_description('marts.best_month'::regclass, 2) as text")).toEqual(["The amount's meaning"]);
    expect(await texts("select has_table_privilege('jukebase_reader', 'marts.best_months', 'select')::text as text")).toEqual([
      "true",
    ]);
    expect(await texts("select distinct relkind::text as text from pg_class where relnamespace = 'marts'::regnamespace")).toEqual(
      ["v"],
    );
  });

  test("done again leaves everything alone", async () => {
    await build(await shopMarts());
    const before = await texts("select store || built_at as text from marts_store.mart order by 1");
    expect(await build(await shopMarts())).toMatchObject({ built: [], removed: [], leftBehind: false });
    expect(await texts("select store || built_at as text from marts_store.mart order by 1")).toEqual(before);
  });

  test("of a changed SELECT builds it and all that stands on it anew, and leaves no trace of the old", async () => {
    await build(await shopMarts());
    const marts = await shopMarts();
    const done = await build([...marts.slice(0, 4), await salesDaily(" * 2")]);
    expect(done.built).toHaveLength(5);
    expect((await pool.query("select amount from marts.best_month")).rows).toEqual([{ amount: "14" }]);
    expect(await leftovers(pool)).toEqual([]);
    await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
    await refreshMarts(pool);
    expect((await pool.query("select amount from marts.best_month")).rows).toEqual([{ amount: "100" }]);
  });

  test("leaves alone what a change does not touch", async () => {
    const [, , , monthly, daily] = await shopMarts();
    await build([monthly as Mart, daily as Mart]);
    const changed = await salesMonthly();
    const done = await build([{ ...changed, indexes: [["amount"]] }, daily as Mart]);
    expect(done).toMatchObject({ built: ["fct_sales_monthly"], unchanged: ["fct_sales_daily"] });
    expect(await leftovers(pool)).toEqual([]);
  });

  test("changes columns under others' views, which are made again, unless one does not fit any more", async () => {
    const narrow = await sampleMart("-- r\nselect sale.sale_id from shop.sale", {
      name: "fct_sales",
      kind: "view",
      columns: ["sale_id"],
      key: ["sale_id"],
      reads: { "shop.sale": null },
    });
    const other = await sampleMart("-- r\nselect sale.amount, sale.sale_id from shop.sale", {
      name: "fct_sales",
      kind: "view",
      columns: ["amount", "sale_id"],
      key: ["sale_id"],
      reads: { "shop.sale": null },
    });
    await build([narrow]);
    await pool.query("create view shop.outside with (security_barrier = true) as select sale_id from marts.fct_sales");
    await pool.query("comment on view shop.outside is 'Ann''s view'");
    await pool.query("create view shop.higher as select sale_id + 1 as next from shop.outside");
    await pool.query("grant select on shop.higher to jukebase_reader");
    const done = await build([other]);
    expect(done.swap).toMatchObject({ attempts: 1, locks: expect.any(Number) });
    expect((await pool.query("select * from marts.fct_sales order by 1")).rows[0]).toEqual({ amount: "5", sale_id: 1 });
    expect((await pool.query("select next from shop.higher order by 1")).rows).toEqual([{ next: 2 }, { next: 3 }]);
    expect(await texts("select has_table_privilege('jukebase_reader', 'shop.higher', 'select')::text as text")).toEqual(["true"]);
    expect(
      await texts(
        "select obj_description('shop.outside'::regclass) || reloptions::text as text from pg_class where oid = 'shop.outside'::regclass",
      ),
    ).toEqual(["Ann's view{security_barrier=true}"]);
    await pool.query("create view shop.amounts as select amount from marts.fct_sales");
    await expect(build([narrow])).rejects.toThrow(
      /The view shop\.amounts stands on marts\.fct_sales .* does not fit any more: column "amount" does not exist/,
    );
    expect((await pool.query("select amount from shop.amounts order by 1")).rows).toEqual([{ amount: "5" }, { amount: "7" }]);
  });

  test("removes what is no longer among the marts", async () => {
    await build(await shopMarts());
    const done = await build([await salesDaily()]);
    expect([...done.removed].sort()).toEqual(["best_month", "best_months", "fct_sales_monthly", "months_by_rank"]);
    expect(await texts("select relname::text as text from pg_class where relnamespace = 'marts'::regnamespace")).toEqual([
      "fct_sales_daily",
    ]);
    expect(await leftovers(pool)).toEqual([]);
  });

  test("rewrites only the words when only the words changed", async () => {
    const mart = await salesDaily();
    await build([mart]);
    expect(await build([{ ...mart, description: "Other words" }])).toMatchObject({ built: [] });
    expect(await texts("select obj_description('marts.fct_sales_daily'::regclass) as text")).toEqual([
      "Other words\nOne row: one sample\nOwner: tests",
    ]);
  });

  test("follows a rebuilt domain: other tables under the same names are another ground", async () => {
    await build([await salesDaily()]);
    await pool.query("alter schema shop rename to shop__old");
    await createShop(pool);
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 1)");
    expect((await build([await salesDaily()])).built).toEqual(["fct_sales_daily"]);
    expect((await pool.query("select amount from marts.fct_sales_daily")).rows).toEqual([{ amount: "1" }]);
    await pool.query("drop schema shop__old cascade");
    expect(await verifyMart(pool, "fct_sales_daily")).toMatchObject({ missing: 0, unexpected: 0 });
  });

  test("at once with another makes the marts once", async () => {
    const marts = await shopMarts();
    const both = await Promise.all([build(marts), build(marts)]);
    expect(both.map(({ built }) => built.length).sort()).toEqual([0, 5]);
  });
});

describe("a build refuses, and the old marts serve on,", () => {
  const view = (sql: string, more: Partial<Mart> = {}): Promise<Mart> =>
    sampleMart(sql, {
      name: "fct_sales_daily",
      kind: "view",
      columns: ["day"],
      key: ["day"],
      reads: { "shop.sale": null },
      ...more,
    });

  test.each<[string, () => Promise<Mart>, RegExp]>([
    [
      "a column that does not exist, with its line",
      () => view("-- rule\n\nselect\n  sale.nope as day\nfrom shop.sale"),
      /fct_sales_daily\.sql:4: column sale\.nope does not exist/,
    ],
    [
      "a table that does not exist",
      () => view("-- rule\nselect 1 as day from shop.nope", { reads: { "shop.nope": null } }),
      /reads shop\.nope, which does not exist/,
    ],
    [
      "a read that is not declared",
      () => view("-- rule\nselect 1 as day from shop.sale, shop.product"),
      /marts\.fct_sales_daily reads shop\.product, which its reads do not declare/,
    ],
    [
      "a declared read that is not used",
      () => view("-- rule\nselect 1 as day from shop.sale", { reads: { "shop.sale": null, "shop.product": null } }),
      /marts\.fct_sales_daily declares shop\.product, which its SELECT does not read/,
    ],
    [
      "a column that is not described",
      () => view("-- rule\nselect 1 as day, 2 as more from shop.sale"),
      /the SELECT gives more, which its row does not describe/,
    ],
    [
      "a described column that is not given",
      () => view("-- rule\nselect 1 as other_day from shop.sale", { key: ["day"] }),
      /the SELECT gives other_day/,
    ],
    [
      "a SELECT that fails on the data",
      () => view("-- rule\nselect (1 / (sale.sale_id - 1))::integer as day from shop.sale", { kind: "materialized" }),
      /marts\.fct_sales_daily: division by zero/,
    ],
    [
      "a key that is not one",
      () =>
        view("-- rule\nselect 1 as day from shop.sale", {
          kind: "rollup",
          bucket: ["day"],
          reads: { "shop.sale": "select 1 as day from changed" },
        }),
      /duplicate key/,
    ],
    [
      "bucket SQL that does not run",
      () =>
        view("-- rule\nselect sale.sale_id as day from shop.sale", {
          kind: "rollup",
          bucket: ["day"],
          reads: { "shop.sale": "select changed.nope as day from changed" },
        }),
      /reads\["shop\.sale"\] of marts\.fct_sales_daily: column changed\.nope does not exist/,
    ],
  ])("%s", async (_, wrong, message) => {
    await build([await salesDaily()]);
    const stores = await texts("select store as text from marts_store.mart");
    await expect(wrong().then((mart) => build([mart]))).rejects.toThrow(message);
    expect((await pool.query("select * from marts.fct_sales_daily")).rows).toHaveLength(2);
    expect(await texts("select store as text from marts_store.mart")).toEqual(stores);
    await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
    await build([await salesDaily()]);
    await refreshMarts(pool);
    expect(await leftovers(pool)).toEqual([]);
    expect(await verifyMart(pool, "fct_sales_daily")).toMatchObject({ missing: 0, unexpected: 0 });
  });

  test("bucket SQL that names a mart which the mart does not read", async () => {
    const monthly = await salesMonthly();
    const marts = [
      await salesDaily(),
      {
        ...monthly,
        reads: { "marts.fct_sales_daily": "select changed.day as month from changed join marts.best_month on true" },
      },
    ];
    await expect(build(marts)).rejects.toThrow(
      /reads\["marts\.fct_sales_daily"\] of marts\.fct_sales_monthly reads marts\.best_month, which its reads do not declare/,
    );
  });

  test("a rollup that reads a table through a view without saying so", async () => {
    const through = await sampleMart("-- r\nselect sale.sale_id from shop.sale", {
      name: "sale_ids",
      kind: "view",
      columns: ["sale_id"],
      key: ["sale_id"],
      reads: { "shop.sale": null },
    });
    const counted = (reads: Mart["reads"]) =>
      sampleMart("-- r\nselect sale_ids.sale_id, count(*) as n from marts.sale_ids group by 1", {
        name: "counted",
        kind: "rollup",
        columns: ["sale_id", "n"],
        key: ["sale_id"],
        bucket: ["sale_id"],
        reads,
      });
    await expect(counted({ "marts.sale_ids": null }).then((mart) => build([through, mart]))).rejects.toThrow(
      "marts.counted reads shop.sale through the view marts.sale_ids, which its reads do not declare; a rollup declares it",
    );
    await expect(
      counted({ "marts.sale_ids": "select sale_id from changed" }).then((mart) => build([through, mart])),
    ).rejects.toThrow(/reads shop\.sale through the view|nothing marks marts\.counted from the view marts\.sale_ids/);
    await build([through, await counted({ "marts.sale_ids": null, "shop.sale": "select changed.sale_id from changed" })]);
    await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
    await refreshMarts(pool);
    expect(await verifyMart(pool, "counted")).toMatchObject({ missing: 0, unexpected: 0 });
    expect((await pool.query("select from marts.counted")).rows).toHaveLength(3);
  });
});
