import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a command that ran by itself left behind. */
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the real command with nothing in its environment but `env`; `input` is its standard input. */
export async function jukebase(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ""): Promise<Ran> {
  const child = spawn(process.execPath, [fileURLToPath(new URL("main.ts", import.meta.url)), ...args], { env });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** The one line of JSON that a command printed; throws when there was anything else. */
export function answerOf({ stdout }: Ran): unknown {
  const lines = stdout.trimEnd().split("\n");
  if (lines.length !== 1) throw new Error(`expected one line on standard output, got ${lines.length}`);
  return JSON.parse(lines[0] as string);
}
