import type { Mart } from "@jukebase/platform/mart.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { createShop, salesDaily, salesMonthly, sampleMart, schemas } from "../sample-marts.ts";
import { diffMarts } from "./diff-marts.ts";

let database: TestDatabase;
let pool: pg.Pool;
let daily: Mart;
let monthly: Mart;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
  [daily, monthly] = [await salesDaily(), await salesMonthly()];
  await createShop(pool);
  await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5), (2, 2, '2026-02-01 10:00Z', 7)");
  await build([daily, monthly]);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const build = (marts: readonly Mart[]) => buildMarts(pool, marts, { schemas });
const differences = (marts: readonly Mart[], data: readonly string[] = []) => diffMarts(pool, marts, { schemas, data });
const count = async (sql: string) => Number((await pool.query<{ n: string }>(`select count(*) as n from ${sql}`)).rows[0]?.n);

describe("the rows of a mart under its new definition", () => {
  test("are the same where nothing changed", async () => {
    const { rows } = await differences([daily, monthly], ["fct_sales_monthly"]);
    expect(rows).toMatchObject([
      {
        name: "fct_sales_monthly",
        key: ["month"],
        rows: { same: 2, missing: 0, unexpected: 0, changed: 0 },
        columns: {},
        examples: [],
      },
    ]);
  });

  test("are compared through what changes beneath, by key, and counted by column", async () => {
    const doubled = await salesDaily(" * (case when min(sale.sale_id) = 1 then 1.00 else 2 end)");
    const { rows } = await differences([doubled, monthly], ["fct_sales_daily", "fct_sales_monthly"]);
    expect(rows).toMatchObject([
      { rows: { same: 1, missing: 0, unexpected: 0, changed: 1 }, columns: { amount: 1 } },
      {
        rows: { same: 1, missing: 0, unexpected: 0, changed: 1 },
        columns: { amount: 1 },
        examples: [
          {
            side: "changed",
            served: { month: "2026-02-01", sales: 1, amount: 7 },
            computed: { month: "2026-02-01", sales: 1, amount: 14 },
          },
        ],
      },
    ]);
    expect(await count("pg_class where relnamespace = pg_my_temp_schema()")).toBe(0);
  });

  test("are missing or unexpected where only one side has them; columns of one side are named, sensitive values masked", async () => {
    const other = await sampleMart(
      "-- r\nselect (date_trunc('month', sale.sold_at) + interval '1 month')::date as month, sum(sale.amount) as amount, 1 as more from shop.sale group by 1",
      {
        name: "fct_sales_monthly",
        kind: "view",
        columns: ["month", "amount", "more"],
        key: ["month"],
        reads: { "shop.sale": null },
      },
    );
    const { rows } = await differences([daily, { ...other, sensitive: { amount: { as: "null" } } }], ["fct_sales_monthly"]);
    expect(rows).toMatchObject([
      {
        rows: { same: 0, missing: 1, unexpected: 1, changed: 1 },
        columns: { amount: 1 },
        added: ["more"],
        removed: ["sales"],
        examples: [
          { side: "changed", served: { month: "2026-02-01", amount: "(masked)" }, computed: { amount: "(masked)" } },
          { side: "missing", served: null, computed: { month: "2026-03-01", amount: "(masked)" } },
          { side: "unexpected", served: { month: "2026-01-01", amount: "(masked)" }, computed: null },
        ],
      },
    ]);
  });

  test("are all missing where the mart is new, and meet as a whole where the key is another", async () => {
    const more = { ...daily, name: "fct_more" };
    const keyed = await sampleMart("-- r\nselect sale.sale_id, sale.amount from shop.sale", {
      name: "fct_sales_monthly",
      kind: "view",
      columns: ["sale_id", "amount"],
      key: ["sale_id"],
      reads: { "shop.sale": null },
    });
    const { rows } = await differences([daily, more, keyed], ["fct_more", "fct_sales_monthly"]);
    expect(rows).toMatchObject([
      { rows: { same: 0, missing: 2, unexpected: 0, changed: 0 } },
      { key: [], rows: { same: 2, missing: 0, unexpected: 0, changed: 0 }, added: ["sale_id"], removed: ["month", "sales"] },
    ]);
  });

  test("of a snapshot, or on a changed one, are not to be had", async () => {
    const kept = await sampleMart("-- r\nselect sale.sale_id from shop.sale", {
      name: "kept",
      kind: "snapshot",
      columns: ["sale_id", "valid_from", "valid_to"],
      key: ["sale_id"],
      history: { strategy: "check", columns: "all" },
      reads: { "shop.sale": null },
    });
    const above = await sampleMart("-- r\nselect kept.sale_id from marts.kept", {
      name: "above",
      kind: "view",
      columns: ["sale_id"],
      key: ["sale_id"],
      reads: { "marts.kept": null },
    });
    const all = [daily, monthly, kept, above];
    await expect(differences(all, ["kept"])).rejects.toThrow(
      /kept\.sql: the rows of marts\.kept cannot be compared: it is a snapshot/,
    );
    await expect(differences(all, ["above"])).rejects.toThrow("it stands on the changed snapshot marts.kept, whose past");
    await build(all); // The last thing done here: what is built stays.
    expect((await differences(all, ["above"])).rows).toMatchObject([{ rows: { same: 2 } }]);
    await expect(differences(all, ["abvoe"])).rejects.toThrow("There is no mart abvoe.");
  });
});
