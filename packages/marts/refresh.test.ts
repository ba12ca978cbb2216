import { type TestDatabase, testDatabase } from "@jukebase/testing";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "./build.ts";
import { refreshMarts } from "./refresh.ts";
import { createShop, dropShop, salesDaily, schemas, shopMarts } from "./sample-marts.ts";
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
  await dropShop(pool);
  await createShop(pool);
});

const names = ["fct_sales_daily", "fct_sales_monthly", "best_months", "months_by_rank", "best_month"];

describe("a refresh", () => {
  test("computes only the buckets that changed, and what stands on them", async () => {
    await pool.query("insert into shop.product values (1, 'a'), (2, 'b')");
    await pool.query(
      "insert into shop.sale select n, 1 + n % 2, '2026-01-01'::timestamptz + n * interval '1 hour', n from generate_series(1, 2000) as n",
    );
    await buildMarts(pool, await shopMarts(), { schemas });
    await pool.query("insert into shop.sale values (9001, 1, '2026-02-03 10:00Z', 5), (9002, 2, '2026-01-03 10:00Z', 7)");
    const done = await refreshMarts(pool);
    expect(done.map(({ name, rowsChanged, skipped, error }) => ({ name, rowsChanged, skipped, error }))).toEqual([
      { name: "fct_sales_daily", rowsChanged: 2, skipped: false, error: undefined },
      { name: "fct_sales_monthly", rowsChanged: 2, skipped: false, error: undefined },
      { name: "best_months", rowsChanged: null, skipped: false, error: undefined },
      { name: "best_month", rowsChanged: 0, skipped: true, error: undefined },
      { name: "months_by_rank", rowsChanged: 0, skipped: false, error: undefined },
    ]);
    expect(done[0]?.reason).toMatch(/^2 buckets, (one by one|together)$/);
    await expectExact();
  });

  test("that finds nothing marked does nothing", async () => {
    await buildMarts(pool, await shopMarts(), { schemas });
    const done = await refreshMarts(pool);
    expect(done.every(({ skipped }) => skipped)).toBe(true);
  });

  test("stops where nothing changed: a rewritten row marks, an equal result does not", async () => {
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5)");
    await buildMarts(pool, await shopMarts(), { schemas });
    await pool.query("update shop.sale set sale_id = 2");
    const done = await refreshMarts(pool);
    expect(done.map(({ name, rowsChanged, skipped }) => [name, rowsChanged, skipped]).slice(0, 3)).toEqual([
      ["fct_sales_daily", 0, false],
      ["fct_sales_monthly", 0, true],
      ["best_months", 0, true],
    ]);
  });

  test("after a truncate leaves nothing", async () => {
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5)");
    await buildMarts(pool, await shopMarts(), { schemas });
    await pool.query("truncate shop.sale");
    await refreshMarts(pool);
    expect((await pool.query("select * from marts.fct_sales_daily")).rows).toEqual([]);
    await expectExact();
  });

  test("of chosen marts refreshes what they stand on, and no more", async () => {
    await buildMarts(pool, await shopMarts(), { schemas });
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5)");
    const done = await refreshMarts(pool, { only: ["fct_sales_monthly"] });
    expect(done.map(({ name }) => name)).toEqual(["fct_sales_daily", "fct_sales_monthly"]);
    await refreshMarts(pool);
    await expectExact();
  });

  test("that does not wait leaves to another what it holds", async () => {
    await buildMarts(pool, await shopMarts(), { schemas });
    const other = await pool.connect();
    await other.query("select pg_advisory_lock(hashtextextended('marts.best_months', 0))");
    const done = await refreshMarts(pool, { wait: false });
    await other.query("select pg_advisory_unlock_all()");
    other.release();
    expect(new Set(done.map(({ reason }) => reason))).toEqual(new Set(["another refresh holds it"]));
  });

  test("loses nothing that is written while it runs", async () => {
    await buildMarts(pool, await shopMarts(), { schemas });
    const writer = (async () => {
      for (let n = 1; n <= 60; n += 1) {
        await pool.query(
          "insert into shop.sale values ($1, $2, '2026-01-01 10:00Z'::timestamptz + $3 * interval '9 hours', $4)",
          [n, n % 3, n, n],
        );
        if (n % 10 === 0)
          await pool.query("update shop.sale set sold_at = sold_at - interval '40 days' where sale_id = $1", [n - 5]);
      }
    })();
    const refreshers = [0, 1].map(async () => {
      for (let n = 0; n < 6; n += 1) await refreshAll();
    });
    await Promise.all([writer, ...refreshers]);
    await refreshMarts(pool);
    await expectExact();
  });
});

describe("law 4", () => {
  test("a mart is its definition run from scratch, after any mix of late, backdated, corrected and deleted rows", {
    timeout: 240_000,
  }, async () => {
    await buildMarts(pool, await shopMarts(), { schemas });
    const steps = fc.array(step, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(steps, steps, async (before, after) => {
        await pool.query("delete from shop.sale; delete from shop.product");
        for (const { sql, values } of before) await pool.query(sql, values);
        await refreshAll();
        for (const { sql, values } of after) await pool.query(sql, values);
        await refreshAll();
        await expectExact();
      }),
      { numRuns: 100 },
    );
  });

  test("a mart holds exactly the events up to the position it records, with writers and builds beside it", async () => {
    await pool.query("insert into events.checkpoint (projection, seq) values ('shop', 0)");
    await buildMarts(pool, await shopMarts(), { schemas });
    let running = true;
    const writer = writeNumbered(() => running);
    const reader = watch(() => running);
    for (let pass = 0; pass < 12; pass += 1) await refreshAll();
    await Promise.all([
      refreshAll(),
      buildMarts(pool, [...(await shopMarts()).slice(0, 4), await salesDaily(" * 1")], { schemas }),
    ]);
    running = false;
    const written = await writer;
    expect(await reader).toBeGreaterThan(5);
    await refreshAll();
    expect(await held()).toEqual([
      { position: written, sales: written },
      { position: written, sales: written },
    ]);
    await expectExact();
  });
});

// Event n is one sale, and its transaction says that the projection has read n: a mart at n has n sales.
async function writeNumbered(running: () => boolean): Promise<number> {
  let n = 0;
  while (running()) {
    n += 1;
    await pool.query(`
      with read as (update events.checkpoint set seq = ${n} where projection = 'shop')
      insert into shop.sale values (${n}, ${n % 3}, '2026-01-01Z'::timestamptz + ${(n * 7) % 90} * interval '1 day', ${n})`);
  }
  return n;
}

// How many different positions were seen, at all of which the marts were exact.
async function watch(running: () => boolean): Promise<number> {
  const seen = new Set<number>();
  while (running()) {
    for (const { position, sales } of await held()) {
      expect(sales).toBe(position);
      seen.add(position);
    }
  }
  return seen.size;
}

// In one statement, so at one snapshot.
async function held(): Promise<{ position: number; sales: number }[]> {
  const { rows } = await pool.query<{ position: number; sales: number }>(`
    select (positions ->> 'shop')::integer as position, (select coalesce(sum(sales), 0)::integer from marts.fct_sales_daily) as sales
    from marts_store.mart where name = 'fct_sales_daily'
    union all
    select (positions ->> 'shop')::integer, (select coalesce(sum(sales), 0)::integer from marts.fct_sales_monthly)
    from marts_store.mart where name = 'fct_sales_monthly'`);
  return rows;
}

async function refreshAll(): Promise<void> {
  expect((await refreshMarts(pool)).filter(({ error }) => error !== undefined)).toEqual([]);
}

const id = fc.integer({ min: 1, max: 12 });
const product = fc.integer({ min: 1, max: 4 });
const kind = fc.constantFrom("a", "b", null);
const hours = fc.integer({ min: 0, max: 24 * 70 });

const step = fc.oneof(
  fc.tuple(id, product, hours, fc.integer({ min: -5, max: 5 })).map((values) => ({
    sql: `insert into shop.sale values ($1, $2, '2026-01-01Z'::timestamptz + $3 * interval '1 hour', $4)
          on conflict (sale_id) do update set product_id = excluded.product_id, sold_at = excluded.sold_at, amount = excluded.amount`,
    values: values as unknown[],
  })),
  fc.tuple(id, hours).map((values) => ({
    sql: "update shop.sale set sold_at = '2026-01-01Z'::timestamptz + $2 * interval '1 hour' where sale_id = $1",
    values: values as unknown[],
  })),
  id.map((value) => ({ sql: "delete from shop.sale where sale_id = $1", values: [value] as unknown[] })),
  fc.tuple(product, kind).map((values) => ({
    sql: "insert into shop.product values ($1, $2) on conflict (product_id) do update set kind = excluded.kind",
    values: values as unknown[],
  })),
  product.map((value) => ({ sql: "delete from shop.product where product_id = $1", values: [value] as unknown[] })),
  fc.constant({ sql: "update shop.sale set amount = amount + 1 where sale_id % 2 = 0", values: [] as unknown[] }),
);

async function expectExact(): Promise<void> {
  for (const name of names) expect(await verifyMart(pool, name)).toEqual({ name, missing: 0, unexpected: 0, examples: [] });
}
