import type { Jukebase } from "@jukebase/domains/open.ts";
import { abortRebuild, type Rebuilt, rebuild } from "@jukebase/domains/rebuild.ts";
import { Conflict } from "@jukebase/platform";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { freeBytes } from "../free-bytes.ts";
import { rebuildProgress, sizeInWords } from "../rebuild-progress.ts";

type Options = { readonly verify?: boolean; readonly abort?: boolean; readonly why?: string };

/** `jukebase rebuild`: the tables from the log anew, beside the live ones, swapped in when they are complete. */
export const rebuildCommand: AddCommand = (program, cli) => {
  program
    .command("rebuild [domain...]")
    .description(
      "Replay the log into fresh tables and marts beside the live ones and swap them in; intake and readers go on. Exit code 1 when a check fails or --verify finds a difference: then nothing was swapped",
    )
    .option("--verify", "compare what the log leads to with what is live, and swap nothing")
    .option("--abort", "end the rebuild that is running, or take away what an interrupted one left")
    .option("--why <reason>", "for the audit log")
    .addHelpText("after", examples("rebuild", "rebuild sales --why 'the rule for prices changed'", "rebuild --verify --json"))
    .action((names: string[], options: Options) =>
      withJukebase(cli, (jukebase) => (options.abort ? abort(cli, jukebase) : run(cli, jukebase, names, options))),
    );
};

async function run(cli: Cli, jukebase: Jukebase, names: readonly string[], { verify, why }: Options): Promise<void> {
  const { terminal } = cli;
  const rebuilt = await rebuild(jukebase, {
    ...(names.length === 0 ? {} : { domains: names }),
    verify: verify ?? false,
    why,
    actor: actor(),
    onStart: ({ events, archives: { partitions, rows }, bytes }) => {
      refuseSmallDisk(jukebase, bytes);
      const archived = partitions === 0 ? "" : `, ${rows} of them in ${partitions} archives`;
      terminal.note(
        `Replaying ${events} events${archived}; this needs about ${sizeInWords(bytes)} more on the database's disk until it is through.`,
      );
    },
    onProgress: rebuildProgress(terminal),
  });
  terminal.progress(undefined);
  tell(cli, rebuilt, verify ?? false);
}

// Only the embedded server's disk is this machine's.
function refuseSmallDisk({ config }: Jukebase, bytes: number): void {
  const free = config.databaseUrl === undefined ? freeBytes(config.home) : undefined;
  if (free === undefined || free > bytes) return;
  throw new Conflict(
    `The rebuild needs about ${sizeInWords(bytes)} and ${config.home} has ${sizeInWords(free)} left: make room first. What is live was not touched.`,
  );
}

function tell({ terminal, exit }: Cli, rebuilt: Rebuilt, verify: boolean): void {
  const seconds = Number((rebuilt.filled_ms / 1000).toFixed(3));
  const events_per_s = Math.round(rebuilt.events / Math.max(0.001, seconds));
  terminal.answer({ ...rebuilt, seconds, events_per_s });
  const { projections, events, failures, differences, swapped, marts, left_behind } = rebuilt;
  terminal.print(`${projections.join(", ")}: ${events} events read in ${seconds} s (${events_per_s}/s).`);
  for (const { name, rows, error, examples: found } of failures)
    terminal.print(`✗ ${name}: ${error ?? `${rows} rows, for example ${JSON.stringify(found[0])}`}`);
  for (const { relation, only_live, only_rebuilt, examples: found } of differences) {
    terminal.print(`✗ ${relation}: ${only_live} rows only live, ${only_rebuilt} only rebuilt`);
    for (const line of found) terminal.print(`    ${line}`);
  }
  if (swapped) terminal.print(`Swapped in, up to batch ${rebuilt.seq}, with ${marts.length} marts.`);
  else if (verify && differences.length === 0) terminal.print("No difference: what is live is what the log leads to.");
  else terminal.print("Nothing was swapped; what was live still is.");
  if (left_behind) terminal.print("Some old tables are still being read; the next rebuild removes them.");
  if (failures.length + differences.length > 0) exit(1);
}

async function abort({ terminal }: Cli, jukebase: Jukebase): Promise<void> {
  const aborted = await abortRebuild(jukebase, actor());
  terminal.answer(aborted);
  terminal.print(`The rebuild of ${aborted.projections.join(", ")} was ended; what is live was not touched.`);
}
