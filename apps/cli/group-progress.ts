import type { Terminal } from "./terminal.ts";

/** A line of progress for work on many items: how many are done, of how many, and how fast. */
export function progressOf<Done extends { readonly taken: number }>(
  terminal: Terminal,
  verb: string,
): (done: Done, of: number) => void {
  const started_ms = performance.now();
  return ({ taken }, of) => {
    const rate = Math.round((taken * 1000) / Math.max(1, performance.now() - started_ms));
    terminal.progress(`${taken.toLocaleString("en")} of ${of.toLocaleString("en")} ${verb}, ${rate.toLocaleString("en")}/s`);
  };
}

/** Reasons with their numbers, most frequent first: "12 missing, 3 negative". */
export function countsOf(reasons: Readonly<Record<string, number>>): string {
  return Object.entries(reasons)
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, items]) => `${items} ${reason}`)
    .join(", ");
}
