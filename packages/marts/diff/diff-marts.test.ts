import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { setReportingZone } from "@jukebase/platform/zone.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { createShop, dropShop, salesDaily, salesMonthly, sampleMart, schemas } from "../sample-marts.ts";
import { lockAll, session } from "../session.ts";
import { diffMarts, martStates } from "./diff-marts.ts";

let database: TestDatabase;
let pool: pg.Pool;
let daily: Mart;
let monthly: Mart;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
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
  await build([daily, monthly]);
});

const build = (marts: readonly Mart[]) => buildMarts(pool, marts, { schemas });
const differences = (marts: readonly Mart[], data: readonly string[] = []) => diffMarts(pool, marts, { schemas, data });
const says = async (marts: readonly Mart[]) =>
  (await differences(marts)).changes.map(({ name, change, why }) => [name, change, ...why.map((reason) => reason.says)]);
const states = async (marts: readonly Mart[]) =>
  Object.fromEntries([...(await martStates(pool, marts, { schemas }))].map(([id, words]) => [id.slice(5), [...words]]));
const count = async (sql: string) => Number((await pool.query<{ n: string }>(`select count(*) as n from ${sql}`)).rows[0]?.n);

describe("what a build would change", () => {
  test("is nothing right after a build", async () => {
    expect(await differences([daily, monthly])).toEqual({ changes: [], rows: [] });
    expect(await states([daily, monthly])).toEqual({
      fct_sales_daily: ["old", "unmodified"],
      fct_sales_monthly: ["old", "unmodified"],
    });
  });

  test("of a changed SELECT is that mart, with both texts, and what stands on it", async () => {
    const doubled = await salesDaily(" * 2");
    const { changes } = await differences([doubled, monthly]);
    expect(changes.map(({ name, change, why }) => [name, change, ...why.map((reason) => reason.says)])).toEqual([
      ["fct_sales_daily", "changed", "its SELECT changed"],
      ["fct_sales_monthly", "changed", "marts.fct_sales_daily, on which it stands, is built anew"],
    ]);
    expect(changes[0]?.before).toContain("sum(sale.amount) as amount");
    expect(changes[0]?.after).toContain("sum(sale.amount) * 2 as amount");
    expect(changes[0]?.file).toMatch(/\/fct_sales_daily\.sql$/);
    expect(await states([doubled, monthly])).toEqual({
      fct_sales_daily: ["old", "modified", "modified.body"],
      fct_sales_monthly: ["old", "unmodified"],
    });
  });

  test("says of columns, reads, keys and kinds what is other", async () => {
    const other = await sampleMart("-- r\nselect sale.sale_id, sale.product_id as article from shop.sale", {
      name: "fct_sales_monthly",
      kind: "materialized",
      columns: ["sale_id", "article"],
      key: ["sale_id"],
      indexes: [["article"]],
      reads: { "shop.sale": null },
    });
    expect(await says([daily, other])).toEqual([
      [
        "fct_sales_monthly",
        "changed",
        "its SELECT changed",
        "it is of kind materialized, no longer rollup",
        "its columns changed: sale_id, article added; month, sales, amount removed",
        'its key changed from ["month"] to ["sale_id"]',
        'its indexes changed from none to [["article"]]',
        "what it reads changed: shop.sale added; marts.fct_sales_daily removed",
        'its bucket changed from ["month"] to none',
      ],
    ]);
    expect((await states([daily, other])).fct_sales_monthly).toEqual(
      expect.arrayContaining(["modified.body", "modified.contract", "modified.configs"]),
    );
    const marked = { ...monthly, reads: { "marts.fct_sales_daily": "select (changed.day - 0)::date as month from changed" } };
    expect(await says([daily, marked])).toEqual([
      ["fct_sales_monthly", "changed", "what it reads changed: marts.fct_sales_daily marked otherwise"],
    ]);
  });

  test("of words alone is words, and which", async () => {
    const told = { ...daily, description: "Other words", refresh: { every_s: 60 }, owner: "others" };
    expect(await says([told, monthly])).toEqual([
      ["fct_sales_daily", "words", "what is said of it changed: description, owner, refresh"],
    ]);
    expect((await states([told, monthly])).fct_sales_daily).toEqual(["old", "modified", "modified.persisted_descriptions"]);
    await build([told, monthly]);
    expect(await says([told, monthly])).toEqual([]);
    const masked = { ...told, sensitive: { amount: { as: "null" } }, visibleTo: { pg_monitor: "sales > 1" } } as const;
    expect(await says([masked, monthly])).toEqual([
      ["fct_sales_daily", "words", "the masks of its columns changed", "which rows its readers see changed"],
    ]);
    expect((await states([masked, monthly])).fct_sales_daily).toEqual(["old", "modified", "modified.configs"]);
  });

  test("of other ground names it: the reporting zone, a table that took another's name", async () => {
    await pool.query("alter schema shop rename to shop__old");
    await createShop(pool);
    const changes = await says([daily, monthly]);
    expect(changes[0]).toEqual([
      "fct_sales_daily",
      "changed",
      "shop.product is another table than before",
      "shop.sale is another table than before",
    ]);
    await pool.query("drop schema shop cascade; alter schema shop__old rename to shop");
    await setReportingZone(pgExecutor(pool), "Europe/Zurich");
    expect((await says([daily, monthly]))[0]).toContain("the reporting zone is Europe/Zurich, no longer UTC");
    await setReportingZone(pgExecutor(pool), "UTC");
  });

  test("of a seed that is about to be loaded names it, and takes the load back", async () => {
    const rules = await sampleMart("-- r\nselect rules.rank from seeds.agent_reward_rules as rules", {
      name: "ranks",
      kind: "view",
      columns: ["rank"],
      key: ["rank"],
      reads: { "seeds.agent_reward_rules": null },
    });
    await build([rules]);
    const ground = async (db: Executor) =>
      void (await db.query("insert into seeds.file (name, checksum) values ('agent_reward_rules', 'another')"));
    const { changes } = await diffMarts(pool, [rules], { schemas, ground });
    expect(changes.map(({ why }) => why)).toEqual([[{ part: "seed", says: "the seed seeds.agent_reward_rules changed" }]]);
    expect((await martStates(pool, [rules], { schemas, ground })).get("mart.ranks")).toContain("modified.relation");
    expect(await count("seeds.file")).toBe(0);
  });

  test("tells what is new and what would be removed", async () => {
    const more = { ...daily, name: "fct_more" };
    expect(await says([more])).toEqual([
      ["fct_more", "new"],
      ["fct_sales_daily", "removed"],
      ["fct_sales_monthly", "removed"],
    ]);
    expect(await states([more])).toEqual({ fct_more: ["new", "modified"] });
  });

  test("is refused as the build itself would refuse it, with file and line, and leaves nothing behind", async () => {
    const before = await count("pg_class where relnamespace = 'marts_store'::regnamespace");
    const broken = await sampleMart("-- r\n\nselect\n  sale.nope as month\nfrom shop.sale", {
      name: "fct_sales_monthly",
      kind: "view",
      columns: ["month"],
      key: ["month"],
      reads: { "shop.sale": null },
    });
    await expect(differences([daily, broken])).rejects.toThrow(/fct_sales_monthly\.sql:4: column sale\.nope does not exist/);
    await differences([await salesDaily(" * 3"), monthly]);
    expect(await count("pg_class where relnamespace = 'marts_store'::regnamespace")).toBe(before);
  });

  test("without a text kept says what the registry knows, and the next build keeps one", async () => {
    await pool.query("delete from marts_store.mart_text");
    expect(await says([await salesDaily(" * 2"), monthly])).toEqual([
      ["fct_sales_daily", "changed", "its definition changed; what it was built from was not kept"],
      ["fct_sales_monthly", "changed", "marts.fct_sales_daily, on which it stands, is built anew"],
    ]);
    expect((await states([await salesDaily(" * 2"), monthly])).fct_sales_monthly).toEqual(["old", "unmodified"]);
    await build([daily, monthly]);
    expect(await count("marts_store.mart_text")).toBe(2);
    expect((await says([await salesDaily(" * 2"), monthly]))[0]).toContain("its SELECT changed");
  });

  test("tells what was dropped by hand, and what stands on it", async () => {
    const [store] = (await pool.query<{ store: string }>("select store from marts_store.mart where name = 'fct_sales_daily'"))
      .rows;
    await pool.query(`drop table marts_store.${store?.store}__dirty`);
    const says = "a part of it, or of what it stands on, was dropped by hand";
    const { changes, rows } = await differences([daily, monthly], ["fct_sales_monthly"]);
    expect(changes).toMatchObject([
      { change: "changed", why: [{ says }] },
      { change: "changed", why: [{ says }] },
    ]);
    expect(rows).toMatchObject([{ rows: { missing: 2, same: 0 } }]);
    await build([daily, monthly]);
    await pool.query("drop view marts.fct_sales_monthly");
    expect(await differences([daily, monthly])).toMatchObject({ changes: [{ name: "fct_sales_monthly", change: "changed" }] });
    await build([daily, monthly]);
    expect((await differences([daily, monthly])).changes).toEqual([]);
  });

  test("waits for no build that is under way", async () => {
    await session(pool, async (db) => {
      await lockAll(db, ["/builder"]);
      await expect(differences([daily, monthly])).rejects.toThrow("A build of marts is under way");
    });
  });
});
