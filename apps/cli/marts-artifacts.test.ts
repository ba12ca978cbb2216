import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { RunEvent } from "@jukebase/marts/openlineage/run-event.ts";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerOf, called } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-artifacts-"));
  env = { DATABASE_URL: database.url, JUKEBASE_HOME: home };
});

afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

test("the four artifacts are written whole, and what they hold is counted", async () => {
  const out = join(home, "target");
  const ran = await called(["marts", "artifacts", "--out", out, "--json"], env);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  const { counts, files } = answerOf(ran) as { counts: Record<string, number>; files: { name: string; bytes: number }[] };
  expect((await readdir(out)).toSorted()).toEqual(["catalog.json", "manifest.json", "run_results.json", "sources.json"]);
  for (const { name, bytes } of files) {
    const text = await readFile(join(out, name));
    expect(text.byteLength).toBe(bytes);
    expect(JSON.parse(text.toString())).toHaveProperty("metadata.generated_at");
  }
  const manifest = JSON.parse(await readFile(join(out, "manifest.json"), "utf8")) as Record<string, Record<string, object>>;
  expect(counts.marts).toBe(Object.keys(manifest.nodes ?? {}).filter((id) => /^(model|snapshot)\./.test(id)).length);
  expect(counts.exposures).toBe(Object.keys(manifest.exposures ?? {}).length);
});

test("an address that is none is refused", async () => {
  const ran = await called(["marts", "artifacts", "--out", home, "--console-url", "console"], env);
  expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining("is no web address") });
});

test("tests are told in events, and their results stand in the artifacts written after", async () => {
  const file = join(home, "events.ndjson");
  const tested = await called(["marts", "test", "--json"], { ...env, OPENLINEAGE_FILE: file });
  const { tests } = answerOf(tested) as { tests: { name: string; mart?: string }[] };
  const events = (await readFile(file, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as RunEvent);
  const asserted = events
    .flatMap(({ inputs }) => inputs)
    .flatMap(({ inputFacets }) => {
      return (inputFacets?.dataQualityAssertions?.assertions ?? []) as { name: string }[];
    });
  const names = new Set(asserted.map(({ name }) => name));
  expect(tests.filter(({ name, mart }) => mart !== undefined && !names.has(name))).toEqual([]);
  expect([...names].filter((name) => !tests.some((one) => one.name === name))).toEqual([]);
  expect(names).toContain("cash by day adds up to the payments");
  const out = join(home, "tested");
  const written = answerOf(await called(["marts", "artifacts", "--out", out, "--json"], env)) as {
    counts: Record<string, number>;
  };
  expect(written.counts.results).toBe(Number(written.counts.marts) + tests.length);
});
