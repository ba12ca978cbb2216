import type { Seed } from "@jukebase/platform/domain.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { pgExecutor } from "@jukebase/platform/postgres.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { buildMarts } from "../build.ts";
import { createShop, salesDaily, sampleMart, schemas } from "../sample-marts.ts";
import { session, within } from "../session.ts";
import { testsBeforeSwap } from "./before-swap.ts";
import { testsOfMart } from "./named-test.ts";
import { runMartTests } from "./run-mart-tests.ts";
import { refuseBadSeeds } from "./seed-tests.ts";
import { testHistory, testStandings } from "./standing.ts";

let database: TestDatabase;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  pool = new pg.Pool({ connectionString: database.url, max: 3, options: "-c timezone=UTC" });
  await createShop(pool);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const db = () => pgExecutor(pool);
const tested = async (extra = ""): Promise<Mart> => ({
  ...(await salesDaily(extra)),
  tests: [
    { name: "at least one", test: "row_count", min: 1 },
    { name: "small", test: "expression", sql: "amount < 10" },
  ],
});
const build = async (mart: Mart, env?: string) => {
  const accept = testsBeforeSwap({ marts: [mart], checks: [] }, { keep: env === undefined, actor: "ada" });
  return buildMarts(pool, [mart], { schemas, accept, ...(env === undefined ? {} : { env }) });
};
const standing = async (mart: Mart) =>
  (await testStandings(db(), { marts: [mart], checks: [] })).find(({ name }) => name === "small");

describe("a mart that is about to be put in place", () => {
  test("is not tested while it has no rows", async () => {
    expect((await build(await tested())).built).toEqual(["fct_sales_daily"]);
    expect(await standing(await tested())).toMatchObject({ status: "not run" });
  });

  test("is tested as it will be, and refused when a test fails: the old one serves on, nothing is said of it", async () => {
    await pool.query("insert into shop.sale values (1, 1, '2026-01-01 10:00Z', 5)");
    await build({ ...(await tested()), indexes: [["amount"]] });
    expect(await standing(await tested())).toMatchObject({ status: "pass" });
    const refused = build(await tested(" * 4"));
    await expect(refused).rejects.toThrow(
      /the marts of before serve on, since tests fail:\nsmall: 1 rows, for example .*"amount":"20"/,
    );
    expect((await pool.query("select amount from marts.fct_sales_daily")).rows).toEqual([{ amount: "5" }]);
    expect(await standing(await tested())).toMatchObject({ status: "pass", rows: 0 });
    expect(
      (await testHistory(db(), "small", 9)).map(({ status, asked_by, actor, kept }) => [status, asked_by, actor, kept]),
    ).toEqual([
      ["fail", "build", "ada", 1],
      ["pass", "build", "ada", 0],
    ]);
  });

  test("of an environment is tested there, and leaves no trace in the history", async () => {
    const before = await testHistory(db(), "small", 9);
    await expect(build(await tested(" * 4"), "dev")).rejects.toThrow("small: 1 rows");
    const mart = await tested(" + 1");
    expect((await build(mart, "dev")).built).toEqual(["fct_sales_daily"]);
    const { results, run_id } = await runMartTests(pool, { marts: [mart], checks: [], askedBy: "manual", env: "dev" });
    expect(run_id).toBeNull();
    expect(results.map(({ status, guaranteed }) => `${status} ${guaranteed}`)).toEqual([
      "pass true",
      "pass true",
      "pass true",
      "pass false",
      "pass false",
    ]);
    expect(await testHistory(db(), "small", 9)).toEqual(before);
  });
});

describe("a snapshot's key", () => {
  test("tells versions, one of which is current", async () => {
    const mart = await sampleMart("-- r\nselect product.product_id, product.kind from shop.product", {
      name: "dim_kinds",
      kind: "snapshot",
      columns: ["product_id", "kind", "valid_from", "valid_to"],
      key: ["product_id"],
      history: { strategy: "check", columns: "all" },
      reads: { "shop.product": null },
    });
    expect(testsOfMart(mart).map(({ name }) => name)).toEqual([
      "unique_dim_kinds_product_id_valid_from",
      "unique_dim_kinds_current",
      "not_null_dim_kinds_product_id",
      "not_null_dim_kinds_valid_from",
    ]);
  });
});

describe("reference data", () => {
  const rules = (sql: string): Seed => ({
    name: "agent_reward_rules",
    description: "Rules",
    owner: "tests",
    key: ["valid_from", "currency", "rank"],
    row: z.object({}),
    tests: [{ name: "rules hold", test: "expression", sql }],
  });
  const load = (seed: Seed) =>
    session(pool, (one) =>
      within(one, "read committed", async () => {
        await one.query(
          "insert into seeds.agent_reward_rules (valid_from, rank, amount, currency) values ('2026-01-01', 1, 5, 'USD')",
        );
        await refuseBadSeeds(one, [seed]);
      }),
    );

  test("that fails a test is not loaded, and the file is named", async () => {
    await expect(load(rules("amount > 5"))).rejects.toThrow(
      /^db\/seeds\/agent_reward_rules\.csv: the test rules hold fails: 1 rows, for example .*"amount":"5"/,
    );
    await expect(load(rules("amount > nothing"))).rejects.toThrow('column "nothing" does not exist');
    expect((await pool.query("select from seeds.agent_reward_rules")).rowCount).toBe(0);
    await load(rules("amount > 0"));
  });

  test("is tested beside marts", async () => {
    const seeds = [rules("amount > 5")];
    const { results } = await runMartTests(pool, { marts: [], checks: [], seeds, askedBy: "manual" });
    expect(results.map(({ name, status, seed }) => [name, status, seed])).toEqual([
      ["unique_agent_reward_rules_valid_from_currency_rank", "pass", "agent_reward_rules"],
      ["not_null_agent_reward_rules_valid_from", "pass", "agent_reward_rules"],
      ["not_null_agent_reward_rules_currency", "pass", "agent_reward_rules"],
      ["not_null_agent_reward_rules_rank", "pass", "agent_reward_rules"],
      ["rules hold", "fail", "agent_reward_rules"],
    ]);
  });
});
