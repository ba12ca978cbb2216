import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, leftovers, salesDaily, salesMonthly, schemas } from "./sample-marts.ts";

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
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
});

const keys = async () =>
  (
    await pool.query<{ key: string }>(
      `select regexp_replace(conrelid::regclass::text, '__.*', '') || ' → ' || regexp_replace(confrelid::regclass::text, '__.*', '') as key
       from pg_constraint where contype = 'f' and connamespace = 'marts_store'::regnamespace and not conenforced`,
    )
  ).rows.map(({ key }) => key);

const marts = async ({ references = true, extra = "" } = {}) => {
  const monthly = await salesMonthly();
  const days = await salesDaily(extra);
  const reference = { columns: ["day", "kind_key"], mart: "fct_sales_daily", to: ["day", "kind_key"] };
  const refers = { ...days, name: "fct_sales_again", references: [reference] };
  return [days, monthly, references ? refers : { ...refers, references: [] }];
};

test("a reference between two tables is a key that tools find and nobody has to keep", async () => {
  await buildMarts(pool, await marts(), { schemas });
  expect(await keys()).toEqual(["marts_store.fct_sales_again → marts_store.fct_sales_daily"]);
  await pool.query("delete from shop.sale where sale_id = 1"); // Gone from one before it is gone from the other.
  expect((await refreshMarts(pool)).filter(({ error }) => error !== undefined)).toEqual([]);
});

test("a new definition of either end takes the key along, and one that is no longer said goes", async () => {
  await buildMarts(pool, await marts(), { schemas });
  await buildMarts(pool, await marts({ extra: " * 2" }), { schemas });
  expect(await keys()).toEqual(["marts_store.fct_sales_again → marts_store.fct_sales_daily"]);
  expect(await leftovers(pool)).toEqual([]);
  await buildMarts(pool, await marts({ references: false }), { schemas });
  expect(await keys()).toEqual([]);
});
