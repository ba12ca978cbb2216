import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called, type Ran } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;

function run(...args: readonly string[]): Promise<Ran> {
  return called(args, { DATABASE_URL: database.url, JUKEBASE_HOME: home });
}

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-cli-"));
  const lines = [5, 6].map((PaymentAmount) =>
    JSON.stringify({
      id: `p${PaymentAmount}`,
      type: "Payment.PaymentReceived",
      data: { PaymentAmount, OccurredAt: "2026-02-01" },
    }),
  );
  await writeFile(join(home, "events.ndjson"), lines.join("\n"));
  await run("ingest", join(home, "events.ndjson"));
});

afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("a rebuild says what it read, how fast, and that it was swapped in", async () => {
  const ran = await run("rebuild", "--json");
  expect(ran.code).toBe(0);
  const answer = { events: 2, swapped: true, seconds: expect.any(Number), events_per_s: expect.any(Number) };
  expect(answerOf(ran)).toMatchObject({ ...answer, projections: ["sales", "music"] });
  const people = await run("rebuild", "sales");
  expect(people.stderr).toMatch(/Replaying 2 events; this needs about \d+ [kMG]B more/);
  expect(people.stdout).toMatch(/sales: 2 events read in .*\nSwapped in, up to batch \d+, with \d+ marts\./);
});

test("a verification that finds a difference names it and ends with 1", async () => {
  expect((await run("rebuild", "--verify")).stdout).toContain("No difference");
  await change("update sales.payment set amount = 7 where amount = 5");
  const ran = await run("rebuild", "--verify");
  expect(ran.code).toBe(1);
  expect(ran.stdout).toContain("✗ sales.payment: 1 rows only live, 1 only rebuilt");
  expect((await run("rebuild")).code).toBe(0);
  expect((await run("rebuild", "--verify")).code).toBe(0);
});

test("a domain that is none ends with 4, and so does ending a rebuild that is not there", async () => {
  expect(await run("rebuild", "wine")).toMatchObject({ code: 4, stderr: expect.stringContaining("Known: sales, music.") });
  expect(await run("rebuild", "--abort")).toMatchObject({ code: 4, stderr: expect.stringContaining("No rebuild is running") });
});

test("a second rebuild is refused with 5 while one runs", async () => {
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query("select pg_advisory_lock(hashtextextended('jukebase rebuild', 0))");
  expect(await run("rebuild")).toMatchObject({ code: 5, stderr: expect.stringContaining("A rebuild is running") });
  await holder.end();
});

async function change(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(text);
  await client.end();
}
