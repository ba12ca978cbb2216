import { openJukebase } from "@jukebase/domains/open.ts";
import type { Command } from "commander";
import { withBenchDatabase } from "../bench-database.ts";
import { benchFreshness, type FreshnessBenchOptions } from "../bench-freshness.ts";
import { benchHttp, type HttpBenchOptions } from "../bench-http.ts";
import { benchIngest } from "../bench-ingest.ts";
import { benchRebuild } from "../bench-rebuild.ts";
import { benchReplay } from "../bench-replay.ts";
import { type AddCommand, type Cli, examples, wholeNumber } from "../cli.ts";
import type { FaultsFlags } from "../faults/command.ts";
import type { HostileFlags } from "../hostile/command.ts";
import type { MartsFlags } from "../marts-bench/command.ts";

/** `jukebase bench`: how fast, measured in ratios that another machine can check, and how sound under faults and hostile input. */
export const benchCommand: AddCommand = (program, cli) => {
  const bench = program.command("bench", { isDefault: false }).description("Measure on this machine, in a database of its own");
  bench
    .command("ingest", { isDefault: true })
    .description("Loading events through the real path against a plain COPY of the same lines, in one run")
    .option("--events <n>", "how many", wholeNumber(1000), 1_000_000)
    .option("--runs <n>", "how often, the two taking turns; the medians count", wholeNumber(), 1)
    .addHelpText("after", examples("bench ingest", "bench ingest --events 200000 --runs 3 --json"))
    .action((options: { events: number; runs: number }) => ingest(cli, options));
  bench
    .command("http")
    .description("Sending events over HTTP, in batches and one by one, against bare commits of one row, in one run")
    .option("--events <n>", "how many in batches", wholeNumber(), 200_000)
    .option("--batch <n>", "events in a batch", wholeNumber(), 500)
    .option("--singles <n>", "how many one by one", wholeNumber(), 30_000)
    .option("--connections <n>", "for those one by one", wholeNumber(), 64)
    .option("--batch-connections <n>", "for the batches", wholeNumber(), 6)
    .option("--profile <folder>", "write a CPU profile of the API there")
    .addHelpText("after", examples("bench http", "bench http --events 100000 --singles 10000 --json"))
    .action((options: HttpBenchOptions) => http(cli, options));
  bench
    .command("freshness")
    .description("How long after its acceptance over HTTP an event stands in the marts, at a steady rate")
    .option("--rate <n>", "events a second", wholeNumber(), 2_000)
    .option("--batch <n>", "events in a request", wholeNumber(), 20)
    .option("--seconds <n>", "for how long", wholeNumber(), 30)
    .option("--profile <folder>", "write a CPU profile of the API there")
    .addHelpText("after", examples("bench freshness", "bench freshness --rate 500 --seconds 10 --json"))
    .action((options: FreshnessBenchOptions) => freshness(cli, options));
  bench
    .command("replay")
    .description("Replaying quarantined events against loading the same events fresh, in one run")
    .option("--events <n>", "how many", wholeNumber(1000), 100_000)
    .addHelpText("after", examples("bench replay", "bench replay --events 20000 --json"))
    .action((options: { events: number }) => replay(cli, options));
  addFaults(bench, cli);
  addHostile(bench, cli);
  addMarts(bench, cli);
  bench
    .command("rebuild")
    .description("Replaying the log into fresh tables and marts against copying its rows into one table, in one run")
    .option("--events <n>", "how many, up to 10 million", wholeNumber(1000), 200_000)
    .addHelpText("after", examples("bench rebuild", "bench rebuild --events 10000000 --json"))
    .action(({ events }: { events: number }) => rebuild(cli, events));
};

function addFaults(bench: Command, cli: Cli): void {
  bench
    .command("faults")
    .description("Kill, freeze, cut off and fill up an installation of its own under load, and check that nothing is lost")
    .option("--seed <n>", "which events and which faults; drawn and printed when left out", wholeNumber())
    .option("--rounds <n>", "rounds of faults, with a quiet point after each", wholeNumber(), 5)
    .option("--kills <n>", "kill -9 of the worker, and as many of the API, in each round", wholeNumber(0), 8)
    .option("--rate <n>", "events sent in a second", wholeNumber(), 200)
    .option("--time <s>", "go on with new installations until so many seconds are over", wholeNumber(0), 0)
    .option("--only <kinds>", "of the faults only these, separated by commas")
    .addHelpText(
      "after",
      examples(
        "bench faults",
        "bench faults --seed 7 --rounds 1 --only kill-worker,kill-api",
        "bench faults --time 28800 --json",
      ),
    )
    .action(async (flags: FaultsFlags) => (await import("../faults/command.ts")).faultsCommand(cli, flags));
}

function addMarts(bench: Command, cli: Cli): void {
  bench
    .command("marts")
    .description(
      "Refreshing a rollup against REFRESH MATERIALIZED VIEW CONCURRENTLY of the same SELECT, marks, and a swap, in one run",
    )
    .option("--rows <n>", "rows of the table that both sum up, over a year", wholeNumber(10_000), 5_000_000)
    .option(
      "--events <n>",
      "also build the real marts over a world of so many events, ask every report, try every index",
      wholeNumber(0),
      0,
    )
    .addHelpText("after", examples("bench marts", "bench marts --rows 500000 --events 1000000 --json"))
    .action(async (flags: MartsFlags) => (await import("../marts-bench/command.ts")).martsCommand(cli, flags));
}

function addHostile(bench: Command, cli: Cli): void {
  bench
    .command("hostile")
    .description("Send generated hostile inputs through the real path and check that each is answered, counted and kept")
    .option("--inputs <n>", "how many", wholeNumber(1000), 1_000_000)
    .option("--seed <n>", "which inputs; drawn and printed when left out", wholeNumber())
    .option("--giant <mb>", "the length of the one giant line, in MiB", wholeNumber(), 2048)
    .addHelpText("after", examples("bench hostile", "bench hostile --inputs 20000 --seed 7 --json"))
    .action(async (flags: HostileFlags) => (await import("../hostile/command.ts")).hostileCommand(cli, flags));
}

async function ingest(cli: Cli, options: { events: number; runs: number }): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const measured = await benchIngest(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "ingest", ...measured });
    cli.terminal.print(`COPY of the same lines  ${measured.copy_per_s} events/s`);
    cli.terminal.print(`Loading                 ${measured.ingest_per_s} events/s`);
    cli.terminal.print(`Through to the tables   ${measured.through_per_s} events/s`);
    cli.terminal.print(`ratio_to_copy ${measured.ratio_to_copy}, through to the tables ${measured.through_ratio_to_copy}`);
  });
}

async function http(cli: Cli, options: HttpBenchOptions): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const found = await benchHttp(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "http", ...found });
    cli.terminal.print(`Batches of ${options.batch}   ${found.events_per_s} events/s, p99 ${found.batch_p99_ms} ms`);
    cli.terminal.print(`One by one       ${found.singles_per_s} events/s, p50 ${found.p50_ms} ms, p99 ${found.p99_ms} ms`);
    cli.terminal.print(`Bare commits     ${found.bare_commits_per_s} rows/s`);
    cli.terminal.print(`singles_to_bare ${found.singles_to_bare}`);
  });
}

async function freshness(cli: Cli, options: FreshnessBenchOptions): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const found = await benchFreshness(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "freshness", ...found });
    cli.terminal.print(`${found.events} events at ${found.events_per_s}/s, ${found.on_time * 100} % of them sent on time`);
    cli.terminal.print(`In the marts after p50 ${found.p50_s} s, p99 ${found.p99_s} s, worst ${found.worst_s} s`);
  });
}

async function rebuild(cli: Cli, events: number): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const measured = await benchRebuild(cli.terminal, jukebase, events).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "rebuild", ...measured });
    cli.terminal.print(`Copying the log's rows  ${measured.copy_events_per_s} events/s`);
    cli.terminal.print(`Rebuilding all domains  ${measured.rebuild_events_per_s} events/s`);
    cli.terminal.print(
      `With marts, checks and swap it took ${(measured.total_ms / 1000).toFixed(1)} s; this process needed ${measured.memory_mb} MB.`,
    );
    cli.terminal.print(`ratio_to_copy ${measured.ratio_to_copy}`);
  });
}

async function replay(cli: Cli, options: { events: number }): Promise<void> {
  await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    const measured = await benchReplay(cli.terminal, jukebase, options).finally(() => jukebase.close());
    cli.terminal.answer({ bench: "replay", ...measured });
    cli.terminal.print(`Loading fresh          ${measured.fresh_s} s`);
    cli.terminal.print(`Mending the group      ${measured.mend_s} s`);
    cli.terminal.print(`Trying the replay      ${measured.trial_s} s`);
    cli.terminal.print(`Replaying              ${measured.replay_s} s, ${measured.replay_per_s} events/s`);
    cli.terminal.print(`ratio_to_fresh ${measured.ratio_to_fresh}`);
  });
}
