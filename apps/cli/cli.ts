import { openJukebase, type Jukebase } from "@jukebase/domains/open.ts";
import type { Config } from "@jukebase/platform";
import type { Terminal } from "./terminal.ts";

/** What every command is given. */
export type Cli = {
  readonly terminal: Terminal;
  /** Reads the environment when it is first asked. */
  readonly config: () => Config;
  /** Makes the process end with this code although the command ran through. */
  readonly exit: (code: number) => void;
};

/** Opens the installation for one piece of work and closes it again, whatever happens. */
export async function withJukebase<T>(cli: Cli, work: (jukebase: Jukebase) => Promise<T>, config: Config = cli.config()): Promise<T> {
  const jukebase = await openJukebase(config, { say: cli.terminal.note, name: "jukebase cli" });
  try {
    return await work(jukebase);
  } finally {
    await jukebase.close();
  }
}

/** Resolves when the process is asked to end; a second Ctrl-C ends it at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals): void => {
      process.once("SIGINT", () => process.exit(130));
      resolve(signal);
    };
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
  });
}
