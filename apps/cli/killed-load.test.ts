import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-killed-"));
});
afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

const events = 60_000;

// Half of them equal to others, without ids: an event taken twice, or not at all, would show in the count.
const text = Array.from(
  { length: events },
  (_, n) =>
    `{"type":"Payment.PaymentReceived","data":{"PaymentAmount":${1 + (n % (events / 2))},"OccurredAt":"2025-03-01T10:00:00Z"}}\n`,
).join("");

test("a load that is killed again and again ends with each event once", async () => {
  const file = join(home, "events.ndjson");
  await writeFile(file, text);
  const env = { DATABASE_URL: database.url, JUKEBASE_HOME: home };
  const args = ["ingest", file, "--source", "killed", "--log-only", "--json"];
  await called(["doctor"], env); // Migrates and makes the key.
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const received = async (): Promise<number> =>
    Number((await client.query("select coalesce(max(received), 0) as received from events.load")).rows[0].received);
  const helpers = async (): Promise<number> =>
    Number(
      (
        await client.query(
          "select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'jukebase load'",
        )
      ).rows[0].n,
    );
  let kills = 0;
  for (let before = 0; kills < 3 && before < events; kills += 1) {
    const loading = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), ...args], {
      env,
      stdio: "ignore",
    });
    const ended = once(loading, "exit").then(() => true);
    while ((await received()) <= before && !(await Promise.race([ended, pause()])));
    loading.kill("SIGKILL");
    await ended;
    await expect.poll(helpers, { timeout: 10_000 }).toBe(0);
    before = await received();
  }
  const last = await called(args, env);
  const { rows } = await client.query("select count(*)::int as logged, count(distinct event_key)::int as keys from events.log");
  await client.end();
  expect(answerOf(last)).toMatchObject({ loads: [{ received: events, logged: events, duplicates: 0, quarantined: 0 }] });
  expect(rows).toEqual([{ logged: events, keys: events }]);
}, 180_000);

function pause(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), 10);
  });
}
