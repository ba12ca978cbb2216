import { openJukebase } from "@jukebase/domains/open.ts";
import { withBenchDatabase } from "../bench-database.ts";
import { benchIngest } from "../bench-ingest.ts";
import { type AddCommand, type Cli, examples, wholeNumber } from "../cli.ts";

/** `jukebase bench`: how fast, measured in ratios that another machine can check. */
export const benchCommand: AddCommand = (program, cli) => {
  const bench = program.command("bench", { isDefault: false }).description("Measure on this machine, in a database of its own");
  bench
    .command("ingest", { isDefault: true })
    .description("Loading events through the real path against a plain COPY of the same lines, in one run")
    .option("--events <n>", "how many", wholeNumber(1000), 50_000)
    .option("--runs <n>", "how often, the two taking turns; the medians count", wholeNumber(), 3)
    .addHelpText("after", examples("bench ingest", "bench ingest --events 200000 --json"))
    .action((options: { events: number; runs: number }) => ingest(cli, options));
};

async function ingest(cli: Cli, options: { events: number; runs: number }): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const measured = await benchIngest(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "ingest", ...measured });
    cli.terminal.print(`COPY of the same lines  ${measured.copy_per_s} events/s`);
    cli.terminal.print(`Loading                 ${measured.ingest_per_s} events/s`);
    cli.terminal.print(`ratio_to_copy ${measured.ratio_to_copy}`);
  });
}
