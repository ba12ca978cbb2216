import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { reportingZone } from "@jukebase/domains/run-report.ts";
import { undocumented } from "@jukebase/marts/documentation.ts";
import { Conflict, pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { version } from "../version.ts";

type Options = { readonly out?: string; readonly samples?: boolean };

/** `jukebase marts docs`. */
export const addMartsDocs: AddCommand = (command, cli) => {
  command
    .command("docs")
    .description("Check that every mart and column is described, and write the documentation as a site of plain files")
    .option("--out <folder>", "where to write it; what an earlier run wrote there is replaced")
    .option("--samples", "also show some rows of each mart, personal values masked")
    .addHelpText("after", examples("marts docs", "marts docs --out site"))
    .addHelpText("after", "\nExit code 1 when something is not described; then nothing is written.")
    .action((options: Options) => withJukebase(cli, (jukebase) => docs(cli, jukebase, options)));
};

async function docs(cli: Cli, jukebase: Jukebase, { out, samples = false }: Options): Promise<void> {
  const { terminal } = cli;
  const problems = await undocumented(pgExecutor(jukebase.database.pg), jukebase.marts);
  const columns = jukebase.marts.reduce((sum, { row }) => sum + Object.keys(row.shape).length, 0);
  const files = out === undefined || problems.length > 0 ? 0 : await write(cli, jukebase, resolve(out), samples);
  terminal.answer({ marts: jukebase.marts.length, columns, problems, out: out ?? null, files });
  for (const { place, problem } of problems) terminal.print(`${place}: ${problem}`);
  if (problems.length > 0) return cli.exit(1);
  terminal.print(`${jukebase.marts.length} marts and ${columns} columns are described, here and in the database.`);
  if (out !== undefined) terminal.print(`Wrote ${files} files; open ${join(out, "index.html")}.`);
}

async function write({ terminal }: Cli, jukebase: Jukebase, folder: string, samples: boolean): Promise<number> {
  await clear(folder);
  const { siteFiles } = await import("@jukebase/admin/marts/site/site-pages.ts");
  const options = {
    jukebase,
    db: pgExecutor(jukebase.database.pg),
    zone: await reportingZone(jukebase),
    version: version(),
    samples,
  };
  let written = 0;
  for await (const { path, body } of siteFiles(options)) {
    const place = join(folder, path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, body);
    written += 1;
    terminal.progress(`${written} files`);
  }
  terminal.progress(undefined);
  return written;
}

// A page of a mart that is gone would mislead. Only what an earlier run wrote is taken away.
async function clear(folder: string): Promise<void> {
  const present = await readdir(folder).catch(onlyMissing);
  if (present === undefined || present.length === 0) return;
  const index = (await readFile(join(folder, "index.html"), "utf8").catch(onlyMissing)) ?? "";
  if (!index.includes("<title>Marts · Jukebase</title>"))
    throw new Conflict(`${folder} holds other files than a documentation of marts. Name an empty or a new folder.`);
  for (const name of ["index.html", "lineage.html", "marts", "columns", "diagrams", "assets"])
    await rm(join(folder, name), { recursive: true, force: true });
}

function onlyMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
