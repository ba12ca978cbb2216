import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;
let pool: pg.Pool;

beforeAll(async () => {
  database = await testDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-marts-"));
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

const run = (...args: readonly string[]) => called(["marts", ...args], { DATABASE_URL: database.url, JUKEBASE_HOME: home });
const answer = async <T>(...args: readonly string[]) => answerOf(await run(...args, "--json")) as T;

type Named = { readonly name: string };
type Listed = { readonly marts: readonly Named[]; readonly not_built: readonly Named[]; readonly notes: readonly string[] };
type Diff = {
  readonly changes: readonly (Named & { readonly change: string; readonly diff?: string })[];
  readonly rows: readonly (Named & { readonly rows: Readonly<Record<string, number>> })[];
};

const listed = async (...args: readonly string[]) => {
  const { marts, not_built } = await answer<Listed>("list", ...args);
  return [...marts, ...not_built].map(({ name }) => name).sort();
};

describe("marts", () => {
  test("are listed and compared before any is built, and nothing is built by that", async () => {
    const { marts, not_built } = await answer<Listed>("list");
    expect(marts).toEqual([]);
    expect(not_built.map(({ name }) => name)).toContain("fct_sales");
    const found = await run("diff", "--select", "fct_sales");
    expect(found).toMatchObject({ code: 1, stdout: expect.stringContaining("new fct_sales (sales/marts/fct_sales.sql)") });
    expect(await listed("--select", "state:new")).toHaveLength(not_built.length);
  });

  test("of a selection are built with what they stand on, or not at all", async () => {
    const refused = await run("build", "--select", "fct_daily_cash_received");
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("--select +fct_daily_cash_received") });
    const done = await answer<{ built: readonly string[] }>("build", "--select", "+fct_daily_cash_received");
    expect(done.built).toEqual(["fct_payments", "fct_daily_cash_received"]);
    expect(await listed("--select", "state:old")).toEqual(["fct_daily_cash_received", "fct_payments"]);
    expect((await run("build")).stdout).toContain("2 unchanged, 0 removed.");
    expect(await run("diff")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 new, 0 changed.* stay as they are\.\n$/),
    });
  });

  test("that nobody has are not found, and what cannot be read or selects nothing says so", async () => {
    expect(await run("list", "--select", "fct_sale")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("Did you mean fct_sales?"),
    });
    expect(await run("refresh", "--select", "tagg:x")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no method "tagg:"'),
    });
    expect(await run("list", "--select", "tag:nobody")).toMatchObject({
      code: 0,
      stdout: "None.\n",
      stderr: expect.stringContaining('"tag:nobody" selects nothing.'),
    });
    expect((await answer<Listed>("list", "--select", "source:music.play")).notes).toEqual([
      "There is no mart in this selection.",
    ]);
    expect(await run("diff", "--data", "fct_sale")).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('no mart "fct_sale"'),
    });
  });

  test("are compared with their source: what differs, the rows, and the exit code", async () => {
    await pool.query("update marts_store.mart set documentation_hash = 'other' where name = 'dim_songs'");
    await pool.query(`
      update marts_store.mart set store = store || '0' where name = 'dim_agent_reward_rules';
      update marts_store.mart_text set store = store || '0', parts = jsonb_set(parts, '{own,select}', to_jsonb('-- r' || chr(10) || 'select 1'::text))
      where store like 'dim_agent_reward_rules\\_\\_%';
      do $$
      begin
        execute (
          select format('create table marts_store.%I as select * from marts_store.%I', store, left(store, -1))
          from marts_store.mart where name = 'dim_agent_reward_rules'
        );
      end $$`);
    const found = await answer<Diff>("diff", "--data", "dim_agent_reward_rules");
    expect(found.changes.map(({ name, change }) => [name, change])).toEqual([
      ["dim_agent_reward_rules", "changed"],
      ["dim_songs", "words"],
    ]);
    expect(found.changes[0]?.diff).toContain("\n-select 1\n");
    expect(found.rows).toMatchObject([{ name: "dim_agent_reward_rules", rows: { changed: 0, missing: 0, unexpected: 0 } }]);
    const words = await run("diff", "--select", "dim_songs");
    expect(words).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("only words or masks dim_songs (music/marts/dim_songs.sql)"),
    });
    expect(await listed("--select", "state:modified.body")).toEqual(["dim_agent_reward_rules"]);
    await pool.query("update marts_store.mart set store = left(store, -1) where name = 'dim_agent_reward_rules'");
  });

  test("are compared as they will be once the seeds are loaded, which a build does and a comparison takes back", async () => {
    await pool.query("update seeds.file set checksum = 'earlier'");
    expect((await run("diff", "--select", "dim_agent_reward_rules")).code).toBe(0);
    const checksums = async () => (await pool.query<{ checksum: string }>("select checksum from seeds.file")).rows[0]?.checksum;
    expect(await checksums()).toBe("earlier");
    await run("build");
    expect(await checksums()).toMatch(/^[0-9a-f]{64}$/);
  });

  test("of a selection are refreshed with what they stand on, and tested by what reads them", async () => {
    const { marts } = await answer<{ marts: readonly Named[] }>("refresh", "--select", "fct_daily_cash_received");
    expect(marts.map(({ name }) => name)).toEqual(["fct_payments", "fct_daily_cash_received"]);
    const told = await answer<{ refreshes: readonly object[]; pressure: string }>("refreshes", "--reason", "manual");
    expect(told.pressure).toBe("none");
    const actor = expect.stringMatching(/^cli:/);
    expect(told.refreshes).toMatchObject(
      [{ mart: "fct_daily_cash_received" }, { mart: "fct_payments" }].map((one) => ({ ...one, actor })),
    );
    expect((await run("refreshes", "--outcome", "failed")).stdout).toContain("No refresh is kept that is like this.");
    expect((await run("refreshes", "--outcome", "well")).code).toBe(2);
    await pool.query("update marts_store.mart set status = 'failed', error = 'no' where name = 'fct_plays'");
    expect(await listed("--select", "result:error")).toEqual(["fct_plays"]);
    expect((await answer<{ marts: readonly Named[] }>("refresh", "--select", "result:error")).marts).toMatchObject([
      { name: "fct_plays" },
    ]);
    const tested = await run("test", "--select", "fct_daily_cash_received");
    expect(tested).toMatchObject({
      code: 0,
      stdout: "✓ fct_daily_cash_received: 8 pass\n✓ checks: 1 pass\n9 tests: 9 pass.\n",
    });
    await pool.query(
      "update marts_store.test set status = 'fail', failing_since = now() where name like '%unattributed_between%'",
    );
    expect((await run("test", "--select", "result:fail", "--exclude", "metric_daily_cash")).stdout).toContain(
      "1 tests: 1 pass.\n",
    );
  });
});
