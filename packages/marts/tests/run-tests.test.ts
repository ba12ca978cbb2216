import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { createShop, salesDaily, sampleMart, schemas } from "../sample-marts.ts";
import { session, within } from "../session.ts";
import { testsOfChecks } from "./check-tests.ts";
import { testsOfMart } from "./named-test.ts";
import { type RunTests, runTests, type TestResult } from "./run-tests.ts";

let database: TestDatabase;
let pool: pg.Pool;
let daily: Mart;
let people: Mart;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
  await createShop(pool);
  await pool.query(`
    insert into shop.product values (1, 'a'), (2, 'b');
    insert into shop.sale select n, 1 + n % 3, '2026-01-01Z'::timestamptz + n * interval '1 day', n from generate_series(1, 9) as n;
    create table shop.person (person_id integer, email text, age integer);
    insert into shop.person values (1, 'ann@x.org', 30), (1, 'ann@x.org', 31), (null, 'bob@x.org', -1)`);
  daily = await salesDaily();
  people = await sampleMart("-- Everybody\nselect person.person_id, person.email, person.age from shop.person", {
    name: "dim_people",
    kind: "view",
    columns: ["person_id", "email", "age"],
    key: ["person_id"],
    reads: { "shop.person": null },
  });
  await buildMarts(pool, [daily, people], { schemas });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function run(mart: Mart, tests: readonly MartTest[], options: RunTests = {}): Promise<TestResult[]> {
  const named = testsOfMart({ ...mart, tests });
  return session(pool, (db) => within(db, "repeatable read", () => runTests(db, named, options)));
}

const statuses = (results: readonly TestResult[]) => Object.fromEntries(results.map(({ name, status }) => [name, status]));

describe("the tests of a mart", () => {
  test("are those of its key, its references and its list, in that order, none twice", async () => {
    const declared: MartTest[] = [
      { test: "not_null", column: "day", severity: "warn" },
      { test: "expression", sql: "amount >= sales - 1" },
      { name: "few days", test: "row_count", max: 31 },
    ];
    const references = [{ columns: ["kind"], mart: "dim_kinds", to: ["kind"] }];
    const tests = testsOfMart({ ...daily, tests: declared, references });
    expect(tests.map(({ name, origin, severity }) => `${name} ${origin} ${severity}`)).toEqual([
      "unique_fct_sales_daily_day_kind_key key error",
      "not_null_fct_sales_daily_kind_key key error",
      "relationships_fct_sales_daily_kind_dim_kinds reference error",
      "not_null_fct_sales_daily_day declared warn",
      "expression_fct_sales_daily_amount_at_least_sales_minus_1 declared error",
      "few days declared error",
    ]);
  });

  test("of a table's key are guaranteed by its constraints; of a view's they are counted", async () => {
    const kept = await run(daily, []);
    expect(kept.map(({ guaranteed, status }) => `${guaranteed} ${status}`)).toEqual(["true pass", "true pass", "true pass"]);
    expect((await run(people, [])).map(({ guaranteed, status, rows }) => [guaranteed, status, rows])).toEqual([
      [false, "fail", 1],
      [false, "fail", 1],
    ]);
  });

  test("are no longer guaranteed when the mart was dropped by hand", async () => {
    await pool.query("alter view marts.fct_sales_daily rename to hidden");
    const found = await run(daily, []);
    await pool.query("alter view marts.hidden rename to fct_sales_daily");
    expect(found.map(({ status }) => status)).toEqual(["error", "error", "error"]);
    expect(found[0]?.error).toBe('relation "marts.fct_sales_daily" does not exist');
  });

  test("warn and fail from their thresholds on", async () => {
    const big = (more: object): MartTest => ({ test: "expression", sql: "sales = 0", ...more });
    const found = await run(daily, [
      big({ name: "fails" }),
      big({ name: "warns", severity: "warn" }),
      big({ name: "not yet", warnFrom: 5, errorFrom: 10 }),
      big({ name: "passes", warnFrom: 10, errorFrom: 20 }),
      big({ name: "where", where: "day = '2026-01-02'" }),
    ]);
    expect(found.slice(3).map(({ name, status, rows }) => `${name} ${status} ${rows}`)).toEqual([
      "fails fail 9",
      "warns warn 9",
      "not yet warn 9",
      "passes pass 9",
      "where fail 1",
    ]);
  });

  test("that cannot be run are errors and stop no other, not even one that shared its scan", async () => {
    const found = await run(daily, [
      { name: "divides", test: "expression", sql: "1 / (sales - sales) = 1" },
      { name: "holds", test: "expression", sql: "sales > 0" },
      { name: "no number", test: "accepted_values", column: "sales", values: ["many"] },
      { name: "no time", test: "volume_anomaly", at: "kind" },
    ]);
    expect(statuses(found)).toMatchObject({ divides: "error", holds: "pass", "no number": "error", "no time": "error" });
    expect(found.find(({ name }) => name === "divides")?.error).toBe("division by zero");
  });

  test("that look at each row by itself share one scan", async () => {
    const asked: string[] = [];
    const tests = testsOfMart({
      ...people,
      tests: [
        { test: "not_null", column: "email" },
        { test: "expression", sql: "age > 0" },
        { test: "accepted_values", column: "age", values: [30, 31, -1] },
      ],
    });
    const client = await pool.connect();
    await client.query("begin");
    const db = pgExecutor(client);
    const listening: Executor = {
      query: (text, values) => {
        asked.push(text);
        return db.query(text, values);
      },
    };
    await runTests(listening, tests, { keep: 0 });
    await client.query("rollback");
    client.release();
    expect(asked.filter((text) => text.includes('from "marts"."dim_people"'))).toHaveLength(2);
  });

  test("stop after the first that fails, when asked to, and say how far they are", async () => {
    const told: string[] = [];
    const found = await run(people, [{ test: "row_count", min: 1 }], {
      failFast: true,
      onResult: ({ name }, done, of) => told.push(`${done}/${of} ${name}`),
    });
    expect(told).toEqual(["1/3 unique_dim_people_person_id"]);
    expect(found).toHaveLength(1);
  });

  test("run over what is not in service yet, checks included", async () => {
    await pool.query("create table shop.fct_new as select * from marts.fct_sales_daily where false");
    const checks = await testsOfChecks([{ name: "nobody", file: people.file }], [people]);
    const where = (mart: string) => (mart === "fct_sales_daily" ? "shop.fct_new" : undefined);
    const found = await run(daily, [{ test: "row_count", min: 1 }], { where });
    expect(found.at(-1)).toMatchObject({ status: "fail", examples: [{ rows: "0" }] });
    expect(found.at(-1)?.sql).toContain('"marts"."fct_sales_daily"');
    const whereElse = (schema: string, relation: string) => (`${schema}.${relation}` === "shop.person" ? "shop.none" : undefined);
    await pool.query("create table shop.none as select * from shop.person where false");
    const check = async (options: RunTests) =>
      session(pool, (db) => within(db, "read committed", () => runTests(db, checks, options)));
    expect((await check({}))[0]).toMatchObject({ status: "fail", rows: 3, test: "check" });
    expect((await check({ whereElse }))[0]).toMatchObject({ status: "pass" });
  });
});

describe("failing rows", () => {
  const sensitive: Mart["sensitive"] = {
    email: { as: "sql", sql: "left(dim_people.email, 1) || '…' || age" },
    age: { as: "null" },
  };

  test("show their columns in order, as text, what tells of persons masked", async () => {
    const found = await run({ ...people, sensitive }, [{ name: "nobody", test: "expression", sql: "person_id > 1" }]);
    const rows = found.find(({ name }) => name === "nobody")?.examples;
    expect(rows).toEqual([
      { person_id: "1", email: "a…30", age: null },
      { person_id: "1", email: "a…31", age: null },
    ]);
    expect(Object.keys(rows?.[0] ?? {})).toEqual(["person_id", "email", "age"]);
  });

  test("never show a sensitive value in any kind of test", async () => {
    const anomaly = { at: "born", points: 2, days: 3, severity: "error" } as const;
    const named = ["email", "age"].flatMap((column): MartTest[] => [
      { test: "unique", columns: [column, "person_id"] },
      { name: `values ${column}`, test: "accepted_values", column, values: ["0"] },
      { name: `leads ${column}`, test: "relationships", columns: [column], mart: "none", to: ["none"] },
      { name: `newest ${column}`, test: "freshness", column, within_s: 1 },
      ...(["min", "max", "mean", "sum"] as const).map(
        (measure): MartTest => ({ test: "column_anomaly", column, measure, ...anomaly }),
      ),
    ]);
    const table = (mart: string) =>
      mart === "none"
        ? "(select null as none)"
        : `(values (1, 'secret-1', 111, date '2026-01-01'), (1, 'secret-1', 111, date '2026-01-01'),
            (2, 'secret-2', 111, date '2026-01-02'), (3, 'secret-3', 777, date '2026-01-03'))`;
    const where = (mart: string) =>
      `(select * from ${table(mart)} as rows (${mart === "none" ? "none" : "person_id, email, age, born"}))`;
    const masked = { email: { as: "text", text: "masked" }, age: { as: "sql", sql: "round(age, -9)" } } as const;
    const found = await run({ ...people, sensitive: masked }, named, { where, reference: new Date("2026-01-04T12:00:00Z") });
    const said = JSON.stringify(found.map(({ sql: _, ...result }) => result));
    expect(found.filter(({ status }) => status === "fail").length).toBeGreaterThan(6);
    expect(said).toContain("masked");
    expect(found.find(({ name }) => name === "column_anomaly_dim_people_email_min")?.error).toContain("SQLSTATE 22P02");
    expect(said).not.toMatch(/secret|111|777/);
  });

  test("are at most so many", async () => {
    const asked: MartTest = { name: "none", test: "expression", sql: "sales = 0" };
    const kept = async (keep: number) => (await run(daily, [asked], { keep })).at(-1);
    expect((await kept(2))?.examples).toHaveLength(2);
    expect(await kept(0)).toMatchObject({ rows: 9, examples: [] });
  });
});
