import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerOf, called } from "../apps/cli/commands.testing.ts";
import { catchUp } from "../packages/domains/catch-up.ts";
import { type OpenedForTest, openedForTest } from "../packages/domains/opened.testing.ts";
import { declareSource, load, readReceived } from "../packages/events/index.ts";
import { toolNames, tools } from "../packages/marts/bi/tools.ts";
import { pgExecutor } from "../packages/platform/index.ts";
import { login } from "../packages/platform/login.ts";
import { readText, root, workspaceFiles } from "../tools/files.ts";
import { blocksOf } from "./fenced-blocks.ts";
import { worldOf } from "./worlds-of-persons.ts";

// Each page makes a role; each query on it is asked as that role, and has an answer. Roles are the server's, so their names get a mark.

const mark = randomBytes(4).toString("hex");
const pages = workspaceFiles().filter((file) => /^docs\/how-to\/(bi|bi\/.+)\.md$/.test(file));
const made: string[] = [];

let opened: OpenedForTest;
let env: Record<string, string>;

beforeAll(async () => {
  opened = await openedForTest();
  const { jukebase, database } = opened;
  env = { DATABASE_URL: database.url, JUKEBASE_HOME: jukebase.config.home, JUKEBASE_KEY: String(jukebase.config.key) };
  const source = await declareSource(pgExecutor(jukebase.database.pg), "till");
  const bytes = Buffer.from(
    worldOf("ada")
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(""),
  );
  const input = (async function* () {
    yield bytes;
  })();
  await load(jukebase, readReceived(input, { format: "ndjson" }), { source, name: "recipes" });
  await catchUp(jukebase);
});

afterAll(async () => {
  for (const name of made) await called(["bi", "role", "drop", name, "--yes"], env);
  await opened.close();
});

describe("the recipes", () => {
  test("are one per tool, and one for all", () => {
    expect(pages.toSorted()).toEqual(["docs/how-to/bi.md", ...toolNames.map((name) => tools[name].page)].toSorted());
  });

  test.each(pages)("%s does what it says", async (page) => {
    const blocks = blocksOf(root + page);
    const commands = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) => text.trim().split("\n"));
    const queries = blocks.filter(({ language }) => language === "sql").map(({ text }) => text);
    expect(queries.length).toBeGreaterThanOrEqual(page === "docs/how-to/bi.md" ? 1 : 3);
    let address = "";
    for (const command of commands) address = (await follow(command)) ?? address;
    const reader = await login(address, "recipes");
    try {
      for (const query of queries) expect([query, (await reader.query(query)).length > 0]).toEqual([query, true]);
    } finally {
      await reader.end();
    }
    expect(readText(page)).toMatch(page === "docs/how-to/bi.md" ? /bi doctor/ : /## What was tried/);
  });

  test("show the mask where they say so", async () => {
    const [query = ""] = blocksOf(`${root}docs/how-to/bi/psql.md`).flatMap(({ language, text }) =>
      /birth_decade/.test(text) && language === "sql" ? [text] : [],
    );
    const analyst = answerOf(await called(["bi", "role", "rotate", `analyst_${mark}`, "--json"], env)) as { url: string };
    const reader = await login(analyst.url, "recipes");
    expect(await reader.query(query)).toEqual([{ birth_decade: null, customers: "2" }]);
    await reader.end();
  });
});

/** Runs one line as it stands there, under marked names of roles; gives back the address where it made or changed one. */
async function follow(line: string): Promise<string | undefined> {
  const [program, ...words] = line.split(" ");
  expect(program).toBe("./jukebase");
  const [bi, verb, action, role] = words;
  const args = verb === "role" && role !== undefined ? [bi, verb, action, `${role}_${mark}`, ...words.slice(4)] : words;
  const ran = await called([...(args as string[]), "--json"], env);
  expect([line, ran.code, ran.stderr]).toEqual([line, 0, ""]);
  const { name, url } = answerOf(ran) as { name?: string; url?: string };
  if (action === "create" && name !== undefined) made.push(name);
  return url;
}
