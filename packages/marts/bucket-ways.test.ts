import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nullPatterns, oneByOne, together, type Way } from "./bucket-ways.ts";
import { buildMarts } from "./build.ts";
import { registeredMarts } from "./registry.ts";
import { createShop, salesDaily, schemas } from "./sample-marts.ts";
import { orSideBySide, sideBySide } from "./side-by-side.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  await createShop(pool);
  await pool.query(
    "insert into shop.sale select n, n % 5, '2020-01-01Z'::timestamptz + n * interval '1 hour', n from generate_series(1, 20000) as n",
  );
  await pool.query("analyze shop.sale");
  await buildMarts(pool, [await salesDaily()], { schemas });
  await pool.end();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    "create temp table dirty (day date, kind text); insert into dirty values ('2020-05-05', null), ('2020-05-06', 'a'); analyze dirty",
  );
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

describe("computing marked buckets", () => {
  test.each<[string, () => Promise<Way>]>([
    ["one by one", async () => oneByOne(await mart(), await patterns())],
    ["side by side", async () => sideBySide(pgExecutor(client), await mart())],
    ["together", async () => together(pgExecutor(client), await mart(), await patterns())],
  ])("%s reads only their rows: the restriction reaches the index beneath the grouping", async (_, way) => {
    const { sql, values } = await way();
    const plan = await client.query<{ "QUERY PLAN": string }>(`explain ${sql}`, [...values]);
    const text = plan.rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(text).toMatch(/Index Cond: .*AT TIME ZONE/);
    expect(text).not.toMatch(/Seq Scan on sale/);
    expect((await client.query(sql, [...values])).rows).toEqual([
      { day: expect.anything(), kind: null, kind_key: "-", sales: 24, amount: expect.anything() },
    ]);
  });
});

test("buckets that cost much one by one are computed by branches that workers share, no others", async () => {
  const db = pgExecutor(client);
  const best = { way: oneByOne(await mart(), await patterns()), cost: 1e9 };
  expect((await orSideBySide(db, await mart(), best, 2)).name).toBe("side by side");
  expect((await orSideBySide(db, await mart(), { ...best, cost: 100 }, 2)).name).toBe("one by one");
  expect((await orSideBySide(db, await mart(), best, 1000)).name).toBe("one by one");
  const inOnePass = { way: await together(db, await mart(), await patterns()), cost: 1e9 };
  expect((await orSideBySide(db, await mart(), inOnePass, 2)).name).toBe("together");
});

async function mart() {
  const [built] = await registeredMarts(pgExecutor(client));
  if (built === undefined) throw new Error("nothing was built");
  return built;
}

async function patterns() {
  return nullPatterns(pgExecutor(client), await mart());
}
