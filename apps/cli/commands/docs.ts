import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { schemaText } from "@jukebase/domains/schema-text.ts";
import { pgExecutor } from "@jukebase/platform";
import type { Command } from "commander";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { root } from "../config.ts";
import { referencePages } from "../reference/pages.ts";

/** `jukebase docs`: the reference, written from the code. */
export const docsCommand: AddCommand = (program, cli) => {
  program
    .command("docs")
    .description("Write what is generated: docs/reference from the code, each domain's schema.sql from the database")
    .option("--check", "write nothing; exit code 1 when a page is out of date")
    .addHelpText("after", examples("docs", "docs --check"))
    .action((options: { check?: boolean }) => docs(cli, program, options.check ?? false));
};

async function docs(cli: Cli, program: Command, check: boolean): Promise<void> {
  const pages = referencePages(program);
  const outdated: string[] = [];
  for (const [path, text] of pages) if ((await textOf(path)) !== text) outdated.push(path);
  const orphans = (await schemaFiles()).filter((path) => !pages.has(path));
  if (!check) {
    for (const [path, text] of await schemaPages(cli)) if ((await textOf(path)) !== text) await write(path, text);
    for (const path of outdated) await write(path, pages.get(path) as string);
    for (const path of orphans) await rm(join(root, path));
  }
  const changed = [...outdated, ...orphans];
  cli.terminal.answer({ pages: pages.size, [check ? "outdated" : "written"]: changed });
  for (const path of changed) cli.terminal.print(`${check ? "out of date: " : "wrote "}${path}`);
  if (changed.length === 0) cli.terminal.print(`All ${pages.size} pages are current.`);
  else if (check) cli.terminal.print("Write them anew: jukebase docs");
  if (check && changed.length > 0) cli.exit(1);
}

// Read from a database, so a check leaves them to a test, which has one.
async function schemaPages(cli: Cli): Promise<[path: string, text: string][]> {
  return withJukebase(cli, async ({ database, domains }) => {
    const pages: [string, string][] = [];
    for (const { name, projections } of domains) {
      for (const { schema } of projections) {
        pages.push([`packages/${name}/schema.sql`, await schemaText(pgExecutor(database.pg), schema)]);
      }
    }
    return pages;
  });
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(join(root, path), "utf8").catch(onlyMissing);
}

// A schema of a version that no longer exists would mislead.
async function schemaFiles(): Promise<string[]> {
  const folder = "docs/reference/schemas";
  const names = (await readdir(join(root, folder)).catch(onlyMissing)) ?? [];
  return names.map((name) => `${folder}/${name}`);
}

function onlyMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
