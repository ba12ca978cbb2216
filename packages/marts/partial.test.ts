import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { diffMarts } from "./diff/diff-marts.ts";
import { dropEnvironment } from "./environments.ts";
import { createShop, dropShop, salesDaily, salesMonthly, schemas } from "./sample-marts.ts";

let database: TestDatabase;
let pool: pg.Pool;
let daily: Mart;
let monthly: Mart;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 2, options: "-c timezone=UTC" });
  [daily, monthly] = [await salesDaily(), await salesMonthly()];
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(async () => {
  await dropShop(pool);
  await createShop(pool);
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
  await buildMarts(pool, [daily, monthly], { schemas });
});

const build = (marts: readonly Mart[], select: readonly string[]) =>
  buildMarts(pool, marts, { schemas, select: (name) => select.includes(name) });
const says = async (marts: readonly Mart[]) =>
  (await diffMarts(pool, marts, { schemas })).changes.map(({ name, change }) => [name, change]);

describe("a build of a selection", () => {
  const amounts = async () => (await pool.query("select sum(amount)::integer as amount from marts.fct_sales_monthly")).rows[0];

  test("builds what is selected, and along with it what stands on it; nothing else, and nothing is removed", async () => {
    const doubled = await salesDaily(" * 2");
    const extra = { ...daily, name: "fct_extra" };
    const told = { ...monthly, description: "Other words" };
    const done = await build([doubled, extra, told], ["fct_sales_daily"]);
    expect(done).toMatchObject({ built: ["fct_sales_daily", "fct_sales_monthly"], unchanged: [], removed: [] });
    expect(await amounts()).toEqual({ amount: 24 });
    expect(await says([doubled, extra, told])).toEqual([["fct_extra", "new"]]);
    expect(await build([doubled, extra], ["fct_extra"])).toMatchObject({
      built: ["fct_extra"],
      unchanged: ["fct_sales_daily"],
      removed: [],
    });
    expect(await amounts()).toEqual({ amount: 24 });
  });

  test("leaves the words of the others alone", async () => {
    const told = { ...monthly, description: "Other words" };
    expect(await build([daily, told], ["fct_sales_daily"])).toMatchObject({ built: [], removed: [] });
    expect(await says([daily, told])).toHaveLength(1);
  });

  test("is refused where it cannot stand alone, naming both ends; the old marts serve on", async () => {
    const doubled = await salesDaily(" * 2");
    const indexed = { ...monthly, indexes: [["amount"]] };
    await expect(build([doubled, indexed], ["fct_sales_monthly"])).rejects.toThrow(
      /marts\.fct_sales_daily \(.*\.sql\) is new or changed, and marts\.fct_sales_monthly stands on it, but is not selected\. .*--select \+fct_sales_monthly/,
    );
    await expect(build([doubled, indexed], ["fct_sales_daily"])).rejects.toThrow(
      /marts\.fct_sales_monthly \(.*\.sql\) changed itself, and stands on marts\.fct_sales_daily, but is not selected\. .*--select fct_sales_daily\+/,
    );
    await expect(build([doubled], ["fct_sales_daily"])).rejects.toThrow(
      "marts.fct_sales_monthly stands on marts.fct_sales_daily but is no longer among the marts; build without a selection",
    );
    expect(await amounts()).toEqual({ amount: 12 });
    expect((await build([doubled, indexed], ["fct_sales_daily", "fct_sales_monthly"])).built).toHaveLength(2);
    expect(await amounts()).toEqual({ amount: 24 });
  });

  test("takes into an environment what another lends", async () => {
    const indexed = { ...monthly, indexes: [["amount"]] };
    const done = await buildMarts(pool, [daily, indexed], {
      schemas,
      env: "dev",
      select: (name) => name === "fct_sales_monthly",
    });
    expect(done).toMatchObject({ built: ["fct_sales_monthly"], shared: ["fct_sales_daily"] });
    expect((await diffMarts(pool, [daily, monthly], { schemas, env: "dev" })).changes).toMatchObject([
      { name: "fct_sales_monthly", change: "changed" },
    ]);
    await dropEnvironment(pool, "dev");
  });
});
