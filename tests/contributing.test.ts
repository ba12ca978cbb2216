import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, readlink, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../packages/testing/index.ts";
import { root, workspaceFiles } from "../tools/files.ts";
import { applied, type Block, blocksOf, fileOf } from "./fenced-blocks.ts";
import { type Scratch, scratchFolder } from "./scratch.ts";

const blocks = blocksOf(`${root}CONTRIBUTING.md`);

let workspace: string;
let own: TestDatabase;
let scratch: Scratch;

beforeAll(async () => {
  own = await testDatabase();
  workspace = await copyOfWorkspace();
  for (const block of blocks) await follow(block);
  await link("coffee");
  await link("domains");
  scratch = await scratchFolder(workspace, own.url);
  await writeFile(join(scratch.folder, "cups.ndjson"), await readFile(join(workspace, "cups.ndjson")));
});

afterAll(async () => {
  await scratch?.remove();
  await own?.drop();
  await rm(workspace, { recursive: true, force: true });
});

describe("a domain added as CONTRIBUTING says", () => {
  test("has the types that the platform asks for", async () => {
    const include = ["packages/coffee", "packages/domains/index.ts", "packages/testing/global-setup.ts"];
    await writeFile(join(workspace, "coffee.tsconfig.json"), JSON.stringify({ extends: "./tsconfig.json", include }));
    await inWorkspace("node_modules/typescript/bin/tsc -p coffee.tsconfig.json --noEmit");
  });

  test("keeps format and SQL rules", async () => {
    await inWorkspace(
      "node_modules/@biomejs/biome/bin/biome check --error-on-warnings packages/coffee packages/domains/index.ts",
    );
    await inWorkspace(`tools/sql.ts ${blocks.flatMap((block) => (block.language === "sql" ? [fileOf(block)] : [])).join(" ")}`);
  });

  test("proves its mart and keeps the arrows of the house", async () => {
    await inWorkspace("node_modules/vitest/vitest.mjs run packages/coffee tools/architecture", `TEST_DATABASE_URL='${own.url}'`);
  });

  test("takes its events and answers its report", async () => {
    const script = blocks.find(({ language }) => language === "sh")?.text ?? "";
    const answer = blocks.find(({ info }) => info === "output")?.text ?? "";
    const printed = await scratch.run(script);
    expect(printed).toContain("2 received = 2 logged + 0 duplicates + 0 quarantined");
    expect(printed.replaceAll("\r\n", "\n")).toContain(answer);
  });

  test("keeps its check, and its mart is exact", async () => {
    expect(await scratch.run("./jukebase marts test --exact --select fct_daily_cups")).toContain("✓ fct_daily_cups is exact");
  });
});

/** The files that people wrote, with the dependencies linked as they are. */
async function copyOfWorkspace(): Promise<string> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), "jukebase-workspace-")));
  for (const file of workspaceFiles()) {
    await mkdir(dirname(join(copy, file)), { recursive: true });
    await cp(root + file, join(copy, file));
  }
  await symlink(`${root}node_modules`, join(copy, "node_modules"));
  for (const manifest of workspaceFiles().filter((file) => /^(apps|packages|db).*\/package\.json$/.test(file))) {
    const modules = join(dirname(manifest), "node_modules");
    if (existsSync(root + modules)) await cp(root + modules, join(copy, modules), { recursive: true, verbatimSymlinks: true });
  }
  return copy;
}

async function follow(block: Block): Promise<void> {
  const name = fileOf(block);
  if (name === undefined) return;
  const file = join(workspace, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, block.language === "diff" ? applied(block.text, await readFile(file, "utf8")) : block.text);
}

/** What `pnpm install` would link into a package: workspace packages, and of the catalog what other packages have already. */
async function link(name: string): Promise<void> {
  const folder = join(workspace, "packages", name);
  const manifest: Record<string, Record<string, string>> = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  for (const need of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
    const place = join(folder, "node_modules", need);
    if (existsSync(place)) continue;
    await mkdir(dirname(place), { recursive: true });
    await symlink(need.startsWith("@jukebase/") ? placeOf(need) : await linkOf(need), place);
  }
}

function placeOf(need: string): string {
  const folder = need.slice("@jukebase/".length);
  return folder === "db" ? "../../../../db" : `../../../${folder}`;
}

async function linkOf(need: string): Promise<string> {
  for (const other of await readdir(`${root}packages`)) {
    const place = `${root}packages/${other}/node_modules/${need}`;
    if (existsSync(place)) return readlink(place);
  }
  throw new Error(`No package has ${need}.`);
}

function inWorkspace(command: string, settings = ""): Promise<string> {
  return scratch.run(`cd '${workspace}'\n${settings} '${process.execPath}' ${command}`);
}
