import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJukebase } from "@jukebase/domains/open.ts";
import type { Truth } from "@jukebase/mock-data";
import { readConfig, withoutPassword } from "@jukebase/platform";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";
import { beside, dropDatabase } from "./databases.ts";
import { againstTruth, type TruthVerdict } from "./demo-truth.ts";

let database: TestDatabase;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-demo-"));
  env = { DATABASE_URL: database.url, JUKEBASE_HOME: home };
});

afterAll(async () => {
  await dropDatabase(beside(database.url, "_demo"));
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("the demo loads a company into a database of its own, and every answer equals the truth", async () => {
  const shown = await called(["demo", "--exit", "--json"], env);
  expect(shown).toMatchObject({ code: 0, stderr: "" });
  const answer = answerOf(shown) as { equal: boolean; truth: TruthVerdict[]; balances: unknown[]; database: string };
  expect(answer).toMatchObject({
    equal: true,
    balances: [{ source: "jukebox", lost: 0 }],
    database: withoutPassword(beside(database.url, "_demo")),
  });
  expect(answer.truth.filter(({ rows }) => rows > 0).length).toBeGreaterThan(10);
  expect(answerOf(await called(["events", "tail", "--json"], env))).toEqual({ events: [] });
});

test("an answer that differs from the truth is told, with the place", async () => {
  const told = JSON.parse(await readFile(join(home, "scenarios", "jukebox-small-1", "truth.json"), "utf8")) as Truth;
  const wrong = {
    ...told,
    reports: {
      "cash-spent":
        told.reports["cash-spent"]?.map((one) => ({ ...one, rows: one.rows.map((row) => ({ ...row, amount: "1.23" })) })) ?? [],
    },
  };
  const jukebase = await openJukebase(readConfig({ ...env, DATABASE_URL: beside(database.url, "_demo") }, home));
  const lines: string[] = [];
  const terminal = {
    json: false,
    interactive: false,
    print: (line = "") => void lines.push(line),
    answer: () => {},
    write: () => {},
    note: () => {},
    progress: () => {},
  };
  try {
    const loaded = { received: 0, logged: 0, duplicates: 0, quarantined: 0, read_to: 0, loadId: "" };
    const verdicts = await againstTruth(terminal, jukebase, wrong, loaded);
    expect(verdicts.map(({ answer, equal }) => ({ answer, equal }))).toEqual([
      { answer: "intake", equal: false },
      { answer: "cash-spent", equal: false },
    ]);
  } finally {
    await jukebase.close();
  }
  expect(lines.join("\n")).toMatch(
    /cash-spent ✗ differs .*\n +different value at period=\d{4}-\d\d-\d\d currency=\w+, amount: expected "1.23"/,
  );
});

test("a second demo takes the place of the first", async () => {
  const again = await called(["demo", "--exit", "--json", "--seed", "2"], env);
  expect(answerOf(again)).toMatchObject({ equal: true });
});

test("a scenario and a scale that do not exist are named", async () => {
  expect(await called(["demo", "--scenario", "circus"], env)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining("jukebox"),
  });
  expect(await called(["scenario", "--scale", "huge"], env)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("medium"),
  });
});

test("the bench measures both ways in one run, in a database that is gone afterwards", async () => {
  const measured = answerOf(await called(["bench", "ingest", "--events", "1000", "--runs", "1", "--json"], env)) as {
    ratio_to_copy: number;
  };
  expect(measured).toMatchObject({ bench: "ingest", events: 1000, runs: 1 });
  expect(measured.ratio_to_copy).toBeGreaterThan(0);
});

test("a database is not deleted without saying so", async () => {
  expect(await called(["db", "reset"], env)).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  expect(await called(["db", "down"], env)).toMatchObject({ code: 5 });
});
