import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtDatabase } from "@jukebase/domains/built.testing.ts";
import type { TestDatabase } from "@jukebase/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called, type Ran } from "./commands.testing.ts";

let database: TestDatabase;
let home: string;
let release: string;

beforeAll(async () => {
  database = await builtDatabase();
  home = await mkdtemp(join(tmpdir(), "jukebase-contracts-"));
  release = join(home, "release.json");
  await called(["contracts", "release", "--file", release]);
});

afterAll(async () => {
  await database.drop();
  await rm(home, { recursive: true, force: true });
});

const run = (...args: readonly string[]): Promise<Ran> => called(args, { DATABASE_URL: database.url, JUKEBASE_HOME: home });

/** A release in which something was otherwise than it is today. */
async function released(change: (text: string) => string): Promise<string> {
  const file = join(home, "earlier.json");
  const [before, text] = [await readFile(release, "utf8"), change(await readFile(release, "utf8"))];
  if (text === before) throw new Error("nothing was changed");
  await writeFile(file, text);
  return file;
}

describe("contracts", () => {
  test("are listed and shown without a database, with full names and readers", async () => {
    const listed = answerOf(await called(["contracts", "list", "--json"])) as {
      contracts: { type: string; schemavers: string[] }[];
    };
    expect(listed.contracts.find(({ type }) => type === "Music.SongListened")?.schemavers).toEqual(["1-0-0", "2-0-0"]);
    const shown = await called(["contracts", "show", "Music.SongListened"]);
    expect(shown.stdout).toContain("### Version 2 (2-0-0)");
    expect(shown.stdout).toContain("Read by: projections music; marts ");
    expect(shown.stdout).toMatch(/reports .*agent-rewards/);
  });

  test("have a JSON Schema of each version, by either name", async () => {
    const [short, full] = [
      await called(["contracts", "show", "Music.SongListened", "--schema", "--event-version", "1"]),
      await called(["contracts", "show", "Music.SongListened", "--schema", "--event-version", "1-0-0"]),
    ];
    expect(short.stdout).toBe(full.stdout);
    const missing = await called(["contracts", "show", "Music.SongListened", "--schema", "--event-version", "2-0-1"]);
    expect(missing).toMatchObject({ code: 4, stderr: expect.stringContaining("it has 1-0-0, 2-0-0") });
  });
});

describe("modes", () => {
  test("are as usual until somebody sets them, and then hold and are shown", async () => {
    expect(answerOf(await run("contracts", "mode", "Music.SongListened", "--json"))).toEqual({
      type: "Music.SongListened",
      modes: { tables: "freeze", columns: "evolve", data_type: "freeze" },
      set: [],
    });
    const set = await run(
      "contracts",
      "mode",
      "Music.SongListened",
      "--columns",
      "freeze",
      "--data-type",
      "discard_value",
      "--json",
    );
    expect(answerOf(set)).toMatchObject({
      modes: { columns: "freeze", data_type: "discard_value" },
      set: [{ entity: "columns", set_by: expect.stringMatching(/^cli:./) }, { entity: "data_type" }],
    });
    expect((await run("contracts", "show", "Music.SongListened")).stdout).toContain(
      "Modes: tables freeze, columns freeze, data_type discard_value.",
    );
    expect((await run("contracts", "list")).stdout).toContain("columns freeze, data_type discard_value");
  });

  test("of all types are taken back as they were set", async () => {
    await run("contracts", "mode", "--all", "--tables", "discard_row");
    expect((await run("contracts", "mode", "Sale.DeviceAllocated")).stdout).toMatch(/tables\s+discard_row\s+cli:.*for all types/);
    await run("contracts", "mode", "--all", "--tables", "usual");
    expect((await run("contracts", "mode", "Sale.DeviceAllocated")).stdout).toMatch(/tables\s+freeze\s+as usual/);
  });

  test("that are none, or of nothing, are refused", async () => {
    expect(await run("contracts", "mode", "Music.SongListened", "--columns", "never")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"never" is not a mode for columns'),
    });
    expect((await run("contracts", "mode", "Music.Nothing", "--columns", "freeze")).code).toBe(4);
    expect((await run("contracts", "mode")).code).toBe(2);
    expect((await run("contracts", "mode", "Music.SongListened", "--all")).code).toBe(2);
  });
});

describe("a diff", () => {
  test("finds nothing against a release of today", async () => {
    expect(answerOf(await called(["contracts", "diff", "--against", release, "--json"]))).toMatchObject({
      changes: [],
      refused: 0,
    });
  });

  test("ends with code 5 when a change breaks, and says who reads what it breaks", async () => {
    const file = await released((text) =>
      text.replace('"required": false', '"required": true').replace('"name": "flag"', '"name": "text"'),
    );
    const found = await called(["contracts", "diff", "--against", file, "--json"]);
    expect(found.code).toBe(5);
    const { changes } = answerOf(found) as {
      changes: { reach: string; path: string; refusal?: string; consumers?: { reports: string[] } }[];
    };
    expect(changes.map(({ reach }) => reach)).toContain("model");
    expect(changes.find(({ path }) => path === "$.SongCompleted")).toMatchObject({
      refusal: expect.stringContaining("put this into version"),
      consumers: { reports: expect.arrayContaining(["agent-rewards"]) },
    });
    expect((await called(["contracts", "diff", "--against", file])).stdout).toMatch(
      /✗ model .*\n.*\n\s+Read by: projections music/,
    );
  });

  test("ends with code 5 when a version does not count what was added to it", async () => {
    const file = await released((text) => text.replace(/\{\s+"path": "\$\.SongCompletedTime"[\s\S]*?\},\s+(?=\{\s+"path")/, ""));
    const found = await called(["contracts", "diff", "--against", file]);
    expect(found).toMatchObject({
      code: 5,
      stdout: expect.stringContaining("Say so in the contract: revision: 0, addition: 1."),
    });
  });

  test("against what is not there, or no release, says so", async () => {
    expect(await called(["contracts", "diff", "--against", "no-such-revision"])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining("neither a file nor a revision"),
    });
    await writeFile(join(home, "other.json"), "{}");
    expect((await called(["contracts", "diff", "--against", join(home, "other.json")])).code).toBe(2);
  });
});

describe("a release", () => {
  test("is written once", async () => {
    const again = await called(["contracts", "release", "--file", release, "--json"]);
    expect(answerOf(again)).toMatchObject({ written: false, changes: 0 });
  });

  test("is refused while it would break the one before, which stays as it is", async () => {
    const file = await released((text) => text.replace('"name": "flag"', '"name": "text"'));
    const before = await readFile(file, "utf8");
    const refused = await called(["contracts", "release", "--file", file]);
    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("$.SongCompleted") });
    expect(await readFile(file, "utf8")).toBe(before);
  });
});
