import { createInterface } from "node:readline/promises";
import type { Terminal } from "./terminal.ts";

/** Asks a person for a yes; where nobody can be asked, the answer is no. */
export async function confirmed({ interactive }: Terminal, question: string): Promise<boolean> {
  if (!interactive) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
