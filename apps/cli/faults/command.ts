import { randomInt } from "node:crypto";
import { Invalid } from "@jukebase/platform";
import { type Cli, untilStopped } from "../cli.ts";
import { listing } from "../terminal.ts";
import { benchFaults, type FaultsResult } from "./bench-faults.ts";
import { type FaultKind, faultKinds } from "./plan.ts";

/** What `jukebase bench faults` may be told. */
export type FaultsFlags = {
  readonly seed?: number;
  readonly rounds: number;
  readonly kills: number;
  readonly rate: number;
  readonly time: number;
  readonly only?: string;
};

/** Runs the faults and tells of them; exit code 1 when something did not hold. */
export async function faultsCommand(cli: Cli, flags: FaultsFlags): Promise<void> {
  const { terminal } = cli;
  const seed = flags.seed ?? randomInt(1, 1_000_000_000);
  const only = kindsOf(flags.only);
  terminal.note(`Seed ${seed}: the same seed gives the same events and the same faults.`);
  let stopped = false;
  void untilStopped().then(() => {
    stopped = true;
    terminal.note("Stopping: what is under way is checked first. Ctrl-C again ends at once.");
  });
  const result = await benchFaults({
    seed,
    only,
    rounds: flags.rounds,
    kills: flags.kills,
    lines_per_s: flags.rate,
    time_s: flags.time,
    say: (line) => terminal.progress(line),
    stopped: () => stopped,
  }).catch((error: unknown) => {
    throw new Error(`With seed ${seed}: ${(error as Error).message}`, { cause: error });
  });
  terminal.progress(undefined);
  terminal.answer({ bench: "faults", ...result });
  terminal.print(tableOf(result));
  if (!result.holds) cli.exit(1);
}

function kindsOf(text: string | undefined): readonly FaultKind[] | undefined {
  if (text === undefined) return undefined;
  return text.split(",").map((name) => {
    const known = faultKinds.find((kind) => kind === name.trim());
    if (known === undefined) throw new Invalid(`There is no fault "${name}". Known: ${faultKinds.join(", ")}.`);
    return known;
  });
}

function tableOf(result: FaultsResult): string {
  const { faults, invariants, memory_mb } = result;
  const answers = Object.entries(result.answers).map(([status, many]) => `${many} × ${status}`);
  return [
    listing(
      { fault: "text", times: "integer" },
      Object.entries(faults).map(([fault, times]) => ({ fault, times })),
      "No fault was injected.",
    ),
    "",
    `${result.events_sent} events in ${result.requests_acknowledged} acknowledged requests after ${result.retries} retries (answers: ${answers.join(", ")}).`,
    `${result.connections_broken} connections were broken. A new event was in its mart ${result.recovered_most_s} s after a fault, at most (${result.recoveries} times measured).`,
    `Memory at most: API ${memory_mb.api} MiB, worker ${memory_mb.worker} MiB, this process ${memory_mb.bench} MiB.`,
    ...result.skipped.map((what) => `Skipped ${what}`),
    "",
    ...invariants.flatMap(({ name, holds, over, failing }) => [
      `${holds ? "✓" : "✗"} ${name} (${over})`,
      ...failing.map((what) => `    ${what}`),
    ]),
    "",
    `${result.holds ? "Everything held" : "Something did not hold"} in ${result.seconds} s, with seed ${result.seed}.`,
  ].join("\n");
}
