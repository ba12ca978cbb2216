import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

const name = `cli_${randomBytes(4).toString("hex")}`;

let own: TestDatabase;
let home: string;
let env: Record<string, string>;
let address: string;

beforeAll(async () => {
  own = await testDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-bi-"));
  env = { DATABASE_URL: own.url, JUKEBASE_HOME: home };
});

afterAll(async () => {
  await called(["bi", "role", "drop", name, "--yes"], env);
  await own.drop();
  await rm(home, { recursive: true });
});

const answered = async (...args: readonly string[]) =>
  answerOf(await called([...args, "--json"], env)) as Record<string, unknown>;

async function selected(sql: string, url = address): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test("a role is made with its tool's limits, its password shown once, and it reads the marts", async () => {
  const made = await answered("bi", "role", "create", name, "--tool", "metabase", "--connections", "4");
  expect(made).toMatchObject({ name, tool: "metabase", sensitive: false, connections: 4, timeout_ms: 60_000, user: name });
  expect(made.password).toMatch(/^\w{32}$/);
  expect(made.snippet).toEqual([`Connection string: ${made.url}`, "Schemas: Only these: marts"]);
  address = String(made.url);
  expect(await selected("select count(*)::int as marts from mart_freshness where is_stale")).toEqual([{ marts: 0 }]);
  const { stdout } = await called(["bi", "role", "list"], env);
  expect(stdout).toContain(name);
  expect(stdout + JSON.stringify(await selected("select after from platform.audit", own.url))).not.toContain(made.password);
});

test("a role is examined, with exit code 1 when it may do what it must not", async () => {
  const held = await called(["bi", "doctor", name], env);
  expect([held.code, held.stdout]).toEqual([0, expect.stringContaining("✓ reads no relation of any other schema")]);
  await selected(`grant usage on schema events to ${name}; grant select on events.batch to ${name}`, own.url);
  const broken = await called(["bi", "doctor", "--json"], env);
  expect([broken.code, answerOf(broken)]).toMatchObject([1, { holds: false, roles: [{ reader: name, login: "temporary" }] }]);
  await selected(`revoke usage on schema events from ${name}; revoke select on events.batch from ${name}`, own.url);
});

test("a role's password is renewed from a file, which is not shown again, and too short a one is refused", async () => {
  const file = join(home, "password.txt");
  await writeFile(file, "short\n");
  expect(await called(["bi", "role", "rotate", name, "--password-file", file], env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("fewer than 16"),
  });
  await writeFile(file, "correct-horse-battery\n");
  expect(await answered("bi", "role", "rotate", name, "--password-file", file)).toMatchObject({ name, password: null });
  await expect(selected("select 1")).rejects.toThrow(/password authentication failed/);
  address = address.replace(/:\w{32}@/, ":correct-horse-battery@");
  expect(await selected("select 1 as one")).toEqual([{ one: 1 }]);
  expect(await answered("bi", "doctor", name, "--password-file", file)).toMatchObject({
    holds: true,
    roles: [{ login: "itself" }],
  });
});

test("use is counted when it is asked for", async ({ skip }) => {
  await selected("select count(*) from fct_sales");
  const { problem, use } = await answered("bi", "use", "--mart", "fct_sales");
  if (problem !== null) skip(String(problem));
  expect(use).toMatchObject([{ mart: "fct_sales", reader: name, tool: "metabase", reads: 1 }]);
  expect((await called(["bi", "use", "--mart", "fct_sale"], env)).code).toBe(4);
});

test.each<[string[], number, RegExp]>([
  [["role", "create", "x", "--tool", "paper"], 2, /--tool is one of metabase, powerbi/],
  [["role", "create", "x", "--tool", "psql", "--group", "emea"], 2, /No mart decides by the group emea/],
  [["role", "rotate", "nobody"], 4, /There is no BI role "nobody" in this database/],
  [["role", "drop", name], 5, /Nothing was done/],
])("%j ends with %i and says why", async (args, code, message) => {
  const ran = await called(["bi", ...args], env);
  expect([ran.code, ran.stderr]).toEqual([code, expect.stringMatching(message)]);
});

test("a role is taken away, and cannot log in any more", async () => {
  expect(await answered("bi", "role", "drop", name, "--yes")).toEqual({ name, dropped: true });
  await expect(selected("select 1")).rejects.toThrow(/password authentication failed|does not exist/);
  const actions = await selected("select distinct action from platform.audit order by 1", own.url);
  expect(actions).toEqual(["bi.create", "bi.drop", "bi.examine", "bi.rotate"].map((action) => ({ action })));
});
