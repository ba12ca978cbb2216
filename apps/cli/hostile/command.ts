import { randomInt } from "node:crypto";
import { openJukebase } from "@jukebase/domains/open.ts";
import { withBenchDatabase } from "../bench-database.ts";
import { type Cli, untilStopped } from "../cli.ts";
import { benchHostile } from "./bench-hostile.ts";

/** What `jukebase bench hostile` may be told. */
export type HostileFlags = { readonly seed?: number; readonly inputs: number; readonly giant: number };

/** Sends hostile inputs into a database of their own and tells what held; exit code 1 when something did not. */
export async function hostileCommand(cli: Cli, flags: HostileFlags): Promise<void> {
  const { terminal } = cli;
  const seed = flags.seed ?? randomInt(1, 1_000_000_000);
  terminal.note(`Seed ${seed}: the same seed gives the same inputs.`);
  let stopped = false;
  void untilStopped().then(() => {
    stopped = true;
  });
  const result = await withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase({ ...config, logLevel: "silent" }, { name: "jukebase bench" });
    const options = { seed, inputs: flags.inputs, giant_mb: flags.giant, say: terminal.progress, stopped: () => stopped };
    return benchHostile(jukebase, options).finally(() => jukebase.close());
  }).catch((error: unknown) => {
    throw new Error(`With seed ${seed}: ${(error as Error).message}`, { cause: error });
  });
  terminal.answer({ bench: "hostile", ...result });
  terminal.print(
    `${result.inputs} inputs = ${result.logged} logged + ${result.duplicates} duplicates + ${result.quarantined} quarantined, ${result.inputs_per_s} a second`,
  );
  terminal.print(
    `One input held the event loop ${result.held_p99_ms} ms (p99), ${result.held_most_ms} ms at most; memory grew by ${result.grown_mb} MiB to ${result.memory_most_mb} MiB; ${result.bytes_compared} items of quarantine compared with what was sent`,
  );
  for (const { name, holds, over, failing } of result.invariants) {
    terminal.print(`${holds ? "✓" : "✗"} ${name} (${over})`);
    for (const what of failing) terminal.print(`    ${what}`);
  }
  terminal.print(`${result.holds ? "Everything held" : "Something did not hold"}, with seed ${seed}.`);
  if (!result.holds) cli.exit(1);
}
