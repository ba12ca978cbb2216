import { writeFile } from "node:fs/promises";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { runChecks } from "./checks.ts";
import { givenExpect } from "./given-expect.ts";
import { bestMonths, createShop, salesDaily, schemas, shopMarts } from "./sample-marts.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 4, options: "-c timezone=UTC" });
  await createShop(pool);
  await buildMarts(pool, await shopMarts(), { schemas });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

describe("given rows, expect rows", () => {
  const sales = [
    { product_id: 1, sold_at: "2026-01-01T10:00:00Z", amount: "1.10" },
    { product_id: 1, sold_at: "2026-01-01T11:00:00Z", amount: "2.20" },
    { product_id: 2, sold_at: "2026-01-01T11:00:00Z", amount: "5" },
  ];

  test("computes over the given rows alone, in the real types, missing columns null", async () => {
    const rows = await givenExpect(
      pool,
      await salesDaily(),
      { "shop.sale": sales, "shop.product": [{ product_id: 1, kind: "a" }] },
      [
        { day: "2026-01-01", kind: "a", amount: "3.3", sales: 2 },
        { day: "2026-01-01", kind: null, amount: 5, sales: 1 },
      ],
    );
    expect(rows).toEqual([
      { day: "2026-01-01", kind: null, kind_key: "-", sales: "1", amount: "5" },
      { day: "2026-01-01", kind: "a", kind_key: "a", sales: "2", amount: "3.30" },
    ]);
    expect((await pool.query("select from shop.sale")).rows).toEqual([]);
  });

  test("says which rows differ", async () => {
    const wrong = givenExpect(pool, await salesDaily(), { "shop.sale": sales.slice(2) }, [{ day: "2026-01-02", sales: 1 }]);
    await expect(wrong).rejects.toThrow(
      'expected, not found: {"day": "2026-01-02", "sales": 1}\n  found, not expected: {"day": "2026-01-01", "sales": 1}',
    );
  });

  test("takes rows for a mart that is read", async () => {
    await givenExpect(
      pool,
      await bestMonths(),
      {
        "marts.fct_sales_monthly": [
          { month: "2026-01-01", amount: 1 },
          { month: "2026-02-01", amount: 2 },
        ],
      },
      [
        { month: "2026-01-01", rank: 2 },
        { month: "2026-02-01", rank: 1 },
      ],
    );
  });

  test("refuses a relation that is not read and a column that is not there", async () => {
    await expect(givenExpect(pool, await salesDaily(), { "shop.nope": [] }, [])).rejects.toThrow("does not read shop.nope");
    await expect(givenExpect(pool, await salesDaily(), { "shop.sale": [{ price: 1 }] }, [])).rejects.toThrow(
      "shop.sale has no column price",
    );
  });
});

describe("checks", () => {
  test("that find rows are failures, with up to five of them", async () => {
    const check = async (name: string, sql: string) => {
      const file = new URL(`./${name}.sql`, (await salesDaily()).file);
      await writeFile(file, sql);
      return { name, file };
    };
    const checks = [
      await check("no_rows", "-- fine\nselect sale_id from shop.sale where amount < 0;\n"),
      await check("seven_rows", "select n from generate_series(1, 7) as n -- seven\n"),
      await check("broken", "select nope"),
    ];
    const failures = await runChecks(pgExecutor(pool), checks);
    expect(failures.map(({ name, rows, examples, error }) => [name, rows, examples.length, error])).toEqual([
      ["seven_rows", 7, 5, undefined],
      ["broken", 0, 0, 'column "nope" does not exist'],
    ]);
  });
});
