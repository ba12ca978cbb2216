import { installationProject } from "@jukebase/domains/artifacts.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { artifactsOf, countsOf, writeArtifacts } from "@jukebase/marts/artifacts/write.ts";
import { Invalid } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { version } from "../version.ts";

type Options = { readonly out: string; readonly consoleUrl?: string };

/** `jukebase marts artifacts`: what tools of the dbt world read. */
export const addMartsArtifacts: AddCommand = (command, cli) => {
  command
    .command("artifacts")
    .description("Write dbt's manifest.json, catalog.json, run_results.json and sources.json, for tools that read them")
    .requiredOption("--out <folder>", "where to; the folder is made")
    .option("--console-url <url>", "where people reach the console: exposures link to its pages", webAddress)
    .addHelpText(
      "after",
      examples("marts artifacts --out target", "marts artifacts --out target --console-url https://jukebase.example"),
    )
    .action((options: Options) => withJukebase(cli, (jukebase) => artifacts(cli, jukebase, options)));
};

async function artifacts({ terminal }: Cli, jukebase: Jukebase, { out, consoleUrl }: Options): Promise<void> {
  terminal.progress("Reading marts and catalogue");
  const project = await installationProject(jukebase, { version: version(), console: consoleUrl });
  terminal.progress("Making artifacts");
  const made = artifactsOf(project, {
    generated_at: jukebase.clock.now().toISOString(),
    id: crypto.randomUUID(),
  });
  const files: { readonly name: string; readonly bytes: number }[] = [];
  await writeArtifacts(out, made, (name, bytes) => {
    files.push({ name, bytes });
    terminal.progress(`Wrote ${name}`);
  });
  const counts = countsOf(made);
  terminal.answer({ out, files, counts });
  for (const { name, bytes } of files) terminal.print(`wrote ${out}/${name} (${Math.ceil(bytes / 1024)} kB)`);
  terminal.print(
    `${Object.entries(counts)
      .map(([what, many]) => `${many} ${what.replaceAll("_", " ")}`)
      .join(", ")}.`,
  );
}

function webAddress(text: string): string {
  if (/^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text)) return text;
  throw new Invalid(`"${text}" is no web address: give one that starts with http:// or https://.`);
}
