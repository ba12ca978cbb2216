import type { Cli } from "./cli.ts";
import { failureOf } from "./failure.ts";
import { makeProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/** Whether the words ask for JSON; what stands after `--` belongs to the command. */
export function asksForJson(argv: readonly string[]): boolean {
  const own = argv.includes("--") ? argv.slice(0, argv.indexOf("--")) : argv;
  return own.includes("--json");
}

/** Runs one command to its end and gives the exit code; what went wrong is told to `complain`, one text. */
export async function runCommand(
  argv: readonly string[],
  {
    terminal,
    config,
    complain,
  }: { readonly terminal: Terminal; readonly config: Cli["config"]; readonly complain: (text: string) => void },
): Promise<number> {
  let code = 0;
  const exit = (asked: number): void => {
    code = asked;
  };
  try {
    const program = makeProgram({ terminal, config, exit });
    await program.parseAsync(argv.length === 0 ? ["--help"] : [...argv], { from: "user" });
    return code;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) return 0;
    const { kind, message } = failure;
    terminal.progress(undefined);
    complain(terminal.json ? JSON.stringify({ error: { kind, message } }) : message);
    return failure.code;
  }
}
