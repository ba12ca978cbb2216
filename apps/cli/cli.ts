import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import { type Config, Invalid } from "@jukebase/platform";
import type { Command } from "commander";
import type { Terminal } from "./terminal.ts";

/** What every command is given. */
export type Cli = {
  readonly terminal: Terminal;
  /** Reads the environment when it is first asked. */
  readonly config: () => Config;
  /** Makes the process end with this code although the command ran through. */
  readonly exit: (code: number) => void;
};

/** Puts a command (and what stands under it) into the program. */
export type AddCommand = (program: Command, cli: Cli) => void;

/** Examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ jukebase ${line}`).join("\n")}`;
}

/** Opens the installation for one piece of work and closes it again, whatever happens. */
export async function withJukebase<T>(
  cli: Cli,
  work: (jukebase: Jukebase) => Promise<T>,
  config: Config = cli.config(),
): Promise<T> {
  const jukebase = await openJukebase(config, { say: cli.terminal.note, name: "jukebase cli" });
  try {
    return await work(jukebase);
  } finally {
    await jukebase.close();
  }
}

/** Resolves when the process is asked to end; asked a second time, it ends at once, and what is done at its exit is still done. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      for (const again of ["SIGINT", "SIGTERM"] as const) process.once(again, () => process.exit(130));
      resolve(signal);
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    process.once("SIGHUP", stop); // The terminal was closed.
  });
}

/** A count out of text. Throws `Invalid` for anything but a whole number from `least` up. */
export function wholeNumber(least = 1): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new Invalid(`"${text}" is not a whole number from ${least} up.`);
  };
}
