import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { dropEnvironment, environments } from "./environments.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, salesDaily, salesMonthly, schemas, shopMarts } from "./sample-marts.ts";
import { verifyMart } from "./verify.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 6, options: "-c timezone=UTC" });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await pool.query("drop schema if exists marts_dev cascade; drop schema if exists marts_other cascade");
  await dropShop(pool);
  await createShop(pool);
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
});

const build = async (env?: string, extra = "") =>
  buildMarts(pool, [await salesMonthly(), await salesDaily(extra)], { schemas, ...(env === undefined ? {} : { env }) });
const amounts = async (schema: string) =>
  (await pool.query<{ amount: string }>(`select amount from ${schema}.fct_sales_monthly order by 1`)).rows.map(
    ({ amount }) => amount,
  );
const stores = async () =>
  (
    await pool.query(
      "select relname from pg_class where relnamespace = 'marts_store'::regnamespace and relname like 'fct%' and relkind = 'r'",
    )
  ).rowCount;

test("an environment shares what is the same, and builds what differs with all that stands on it", async () => {
  await buildMarts(pool, await shopMarts(), { schemas });
  const before = await stores();
  const same = await buildMarts(pool, await shopMarts(), { schemas, env: "dev" });
  expect(same).toMatchObject({ built: [], unchanged: [], removed: [] });
  expect(same.shared).toHaveLength(5);
  expect(await stores()).toBe(before);
  const changed = await build("dev", " * 2");
  expect(changed).toMatchObject({
    built: ["fct_sales_daily", "fct_sales_monthly"],
    removed: ["best_month", "best_months", "months_by_rank"],
  });
  expect(await amounts("marts")).toEqual(["5", "7"]);
  expect(await amounts("marts_dev")).toEqual(["10", "14"]);
  expect(await environments(pgExecutor(pool))).toEqual([{ name: "dev", schema: "marts_dev", marts: 2, own: 2 }]);
});

test("an environment is refreshed for itself, and what it shares once for all", async () => {
  await build();
  await build("dev", " * 2");
  await build("other");
  await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
  await Promise.all([
    refreshMarts(pool),
    refreshMarts(pool, { schema: "marts_dev" }),
    refreshMarts(pool, { schema: "marts_other" }),
  ]);
  expect(await amounts("marts")).toEqual(["5", "7", "50"]);
  expect(await amounts("marts_other")).toEqual(["5", "7", "50"]);
  expect(await amounts("marts_dev")).toEqual(["10", "14", "100"]);
  expect(await verifyMart(pool, "fct_sales_monthly", "marts_dev")).toMatchObject({ missing: 0, unexpected: 0 });
});

test("what was built in an environment is put in place elsewhere without being built again", async () => {
  await build();
  await build("dev", " * 2");
  const promoted = await build(undefined, " * 2");
  expect(promoted).toMatchObject({ built: [], shared: ["fct_sales_daily", "fct_sales_monthly"] });
  expect(await amounts("marts")).toEqual(["10", "14"]);
  await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
  await refreshMarts(pool);
  expect(await amounts("marts_dev")).toEqual(["10", "14", "100"]);
});

test("what the live marts leave behind stays with the environments that stand on it", async () => {
  await build();
  await build("dev");
  await build(undefined, " * 3");
  expect(await amounts("marts_dev")).toEqual(["5", "7"]);
  await pool.query("insert into shop.sale values (3, 1, '2026-03-01 10:00Z', 50)");
  await refreshMarts(pool, { schema: "marts_dev" });
  expect(await amounts("marts_dev")).toEqual(["5", "7", "50"]);
});

test("an environment goes with what only it stands on, and no other has to be there", async () => {
  await build();
  const before = await stores();
  await build("dev", " * 2");
  await dropEnvironment(pool, "dev");
  expect(await stores()).toBe(before);
  expect(await environments(pgExecutor(pool))).toEqual([]);
  await expect(dropEnvironment(pool, "dev")).rejects.toThrow('There is no environment "dev"');
  await expect(build("No Name")).rejects.toThrow('"No Name" cannot name an environment');
});
