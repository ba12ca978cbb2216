import { openJukebase } from "@jukebase/domains/open.ts";
import { benchIngest } from "../bench-ingest.ts";
import { type AddCommand, type Cli, examples, wholeNumber } from "../cli.ts";
import { beside, dropDatabase, recreateDatabase } from "../databases.ts";
import { borrowServer } from "../server.ts";

/** `jukebase bench`: how fast, measured in ratios that another machine can check. */
export const benchCommand: AddCommand = (program, cli) => {
  program
    .command("bench", { isDefault: false })
    .description("Measure on this machine, in a database of its own")
    .command("ingest", { isDefault: true })
    .description("Loading events through the real path against a plain COPY of the same lines, in one run")
    .option("--events <n>", "how many", wholeNumber(1000), 50_000)
    .option("--runs <n>", "how often, the two taking turns; the medians count", wholeNumber(), 3)
    .addHelpText("after", examples("bench ingest", "bench ingest --events 200000 --json"))
    .action((options: { events: number; runs: number }) => bench(cli, options));
};

async function bench(cli: Cli, options: { events: number; runs: number }): Promise<void> {
  const config = cli.config();
  const server = await borrowServer(config, cli.terminal.note);
  const databaseUrl = beside(server.url, "_bench");
  try {
    await recreateDatabase(databaseUrl);
    const jukebase = await openJukebase({ ...config, databaseUrl }, { name: "jukebase bench" });
    const measured = await benchIngest(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "ingest", ...measured });
    cli.terminal.print(`COPY of the same lines  ${measured.copy_per_s} events/s`);
    cli.terminal.print(`Loading                 ${measured.ingest_per_s} events/s`);
    cli.terminal.print(`ratio_to_copy ${measured.ratio_to_copy}`);
  } finally {
    await dropDatabase(databaseUrl);
    await server.release();
  }
}
