import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Check } from "@jukebase/platform/domain.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { buildMarts } from "../build.ts";
import { retireOrphans } from "../retire.ts";
import { createShop, salesDaily, schemas } from "../sample-marts.ts";
import { newestEvent } from "./newest-event.ts";
import { type MartTestRun, runMartTests } from "./run-mart-tests.ts";
import { failingTests, keptRows, testHistory, testStandings, testsOf } from "./standing.ts";

let database: TestDatabase;
let pool: pg.Pool;
let daily: Mart;
let check: Check;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
  await createShop(pool);
  await pool.query(`
    insert into events.checkpoint (projection, seq) values ('shop', 3);
    insert into shop.sale select n, null, '2026-01-01Z'::timestamptz + n * interval '1 day', n from generate_series(1, 9) as n`);
  daily = { ...(await salesDaily()), tests: [{ name: "few sales", test: "expression", sql: "amount < 8" }] };
  const file = join(await mkdtemp(join(tmpdir(), "check-")), "check.sql");
  await writeFile(file, "-- No sale is dear.\nselect fct_sales_daily.day from marts.fct_sales_daily where amount > 100\n");
  check = { name: "no sale is dear", file: pathToFileURL(file), severity: "warn" };
  await buildMarts(pool, [daily], { schemas });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

beforeEach(() => pool.query("truncate marts_store.test_run, marts_store.test cascade"));

const db = () => pgExecutor(pool);
const run = (more: Partial<MartTestRun> = {}) =>
  runMartTests(pool, { marts: [daily], checks: [check], askedBy: "manual", actor: "ada", ...more });
const standing = async (name: string) =>
  (await testStandings(db(), { marts: [daily], checks: [check] })).find((one) => one.name === name);

describe("a run of tests", () => {
  test("answers every test and is written into the history", async () => {
    const { run_id, totals, results } = await run();
    expect(totals).toEqual({ pass: 4, warn: 0, fail: 1, error: 0, not_run: 0 });
    expect(results.map(({ name }) => name).slice(-2)).toEqual(["few sales", "no sale is dear"]);
    const [once] = await testHistory(db(), "few sales", 9);
    expect(once).toMatchObject({ run_id, asked_by: "manual", actor: "ada", status: "fail", rows: 2, kept: 2 });
    expect(once?.positions).toEqual({ shop: 3 });
    expect((await keptRows(db(), "few sales", run_id ?? "")).map(({ day, amount }) => [day, amount])).toEqual([
      ["2026-01-09", "8"],
      ["2026-01-10", "9"],
    ]);
  });

  test("knows since when a test does not pass", async () => {
    expect(await standing("few sales")).toMatchObject({ status: "not run", rows: null, tested_at: null });
    await run();
    const first = await standing("few sales");
    await run();
    const second = await standing("few sales");
    expect(second).toMatchObject({ status: "fail", failing_since: first?.tested_at });
    expect(second?.tested_at).not.toBe(first?.tested_at);
    expect(await failingTests(db())).toMatchObject({ failing: 1, warning: 0, since: first?.tested_at });
    await run({ marts: [{ ...daily, tests: [{ name: "few sales", test: "expression", sql: "amount < 80" }] }] });
    expect(await standing("few sales")).toMatchObject({ status: "pass", failing_since: null });
    expect(await failingTests(db())).toEqual({ failing: 0, warning: 0, since: null });
  });

  test("of some marts takes the checks that read them along, and knows no others", async () => {
    expect((await run({ only: ["fct_sales_daily"] })).results).toHaveLength(5);
    await expect(run({ only: ["fct_nothing"] })).rejects.toThrow('There is no mart "fct_nothing".');
    expect((await run({ only: [] })).results).toEqual([]);
  });

  test("forgets tests that are no longer declared", async () => {
    await run();
    await run({ checks: [], marts: [{ ...daily, tests: [] }] });
    expect((await pool.query("select name from marts_store.test where name in ('few sales', 'no sale is dear')")).rows).toEqual(
      [],
    );
    expect(await testHistory(db(), "few sales", 9)).toEqual([]);
  });

  test("keeps 200 results of a test, and failing rows of 20", async () => {
    await pool.query(`
      with run as (
        insert into marts_store.test_run (asked_by, started_at, passed, warned, failed, errors)
        select 'refresh', '2026-01-01Z'::timestamptz + n * interval '1 minute', 0, 0, 1, 0 from generate_series(1, 230) as n
        returning run_id
      ),
      result as (
        insert into marts_store.test_result (run_id, name, status, severity, failing_rows, duration_ms, sql)
        select run_id, 'few sales', 'fail', 'error', 1, 1, 'select' from run
        returning run_id, name
      )
      insert into marts_store.test_failing_row select run_id, name, 1, '{}' from result`);
    await run();
    const history = await testHistory(db(), "few sales", 999);
    expect(history).toHaveLength(200);
    expect(history.filter(({ kept }) => kept > 0)).toHaveLength(20);
    expect(history[0]).toMatchObject({ asked_by: "manual", kept: 2 });
    expect((await pool.query("select from marts_store.test_run")).rowCount).toBe(200);
  });

  test("survives the removal of old stores", async () => {
    await run();
    await retireOrphans(db());
    expect(await standing("few sales")).toMatchObject({ status: "fail" });
  });
});

describe("the tests of a mart", () => {
  test("are given to its page with how they stand, and the checks that read it", async () => {
    await run();
    const tests = await testsOf(db(), daily, { marts: [daily], checks: [check] });
    expect(tests.map(({ test: kind, status, severity }) => `${kind} ${status} ${severity}`)).toEqual([
      "unique pass error",
      "not_null pass error",
      "not_null pass error",
      "expression fail error",
      "check pass warn",
    ]);
    expect(tests.at(-1)).toMatchObject({ words: "No sale is dear.", mart: undefined, rows: 0 });
    expect(await testsOf(db(), { ...daily, name: "other" }, { marts: [daily], checks: [check] })).toEqual([]);
  });
});

describe("the newest event", () => {
  test("is found in the log, later batches alone being read, and never lies after its receipt", async () => {
    expect(await newestEvent(db())).toEqual({ at: undefined, seq: 0 });
    await pool.query("insert into events.source (source, namespace) values ('shop', 'shop')");
    const log = async (seq: number, occurred_at: string, retracts = "null") =>
      pool.query(`
        insert into events.batch (seq, batch_id, source, received, logged, duplicates, quarantined, received_at)
        values (${seq}, ${seq}, 'shop', 1, 1, 0, 0, '2026-01-05T12:00:00Z');
        insert into events.log (event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data, retracts)
        values (gen_random_uuid(), ${seq}, 1, 'A', 1, 1, 'shop', '${seq}', '${occurred_at}', '{}', ${retracts})`);
    await log(1, "2026-01-05T10:00:00Z");
    await log(4, "2026-01-05T11:00:00Z", "gen_random_uuid()");
    expect((await run()).reference).toBe("2026-01-05T10:00:00.000Z");
    await pool.query("update events.log set occurred_at = '2026-01-05T11:00:00Z'");
    await log(5, "2026-01-03T10:00:00Z");
    expect(await newestEvent(db())).toEqual({ at: new Date("2026-01-05T10:00:00Z"), seq: 5 });
    await log(6, "2026-01-06T10:00:00Z");
    expect((await run()).reference).toBe("2026-01-05T12:00:00.000Z");
    expect((await run({ reference: new Date("2026-01-01T00:00:00Z") })).reference).toBe("2026-01-01T00:00:00.000Z");
  });
});
