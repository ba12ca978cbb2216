import { diff } from "node:util";

/** The lines by which two texts differ, with `context` lines around each, in the form that `patch` reads; empty when they are the same. */
export function unifiedDiff(
  before: string,
  after: string,
  names: { readonly from: string; readonly to: string },
  context = 3,
): string {
  const lines = numbered(removedFirst(diff(after.split("\n"), before.split("\n")) as readonly Entry[]));
  const hunks = hunksOf(lines, context).map((hunk) => `${headOf(hunk)}\n${hunk.map(({ sign, text }) => sign + text).join("\n")}`);
  return hunks.length === 0 ? "" : [`--- ${names.from}`, `+++ ${names.to}`, ...hunks].join("\n");
}

/** As `diff` of node:util gives it: 0 is in both texts, 1 only in the first, -1 only in the second. */
type Entry = readonly [operation: number, text: string];

type Line = { readonly sign: " " | "-" | "+"; readonly text: string; readonly from: number; readonly to: number };

// Among lines that changed together, those of before come first.
function removedFirst(entries: readonly Entry[]): Entry[] {
  const sorted: Entry[] = [];
  const added: Entry[] = [];
  for (const entry of entries) {
    if (entry[0] === 1) added.push(entry);
    if (entry[0] === 0) sorted.push(...added.splice(0));
    if (entry[0] !== 1) sorted.push(entry);
  }
  return [...sorted, ...added];
}

// `from` and `to` are the numbers of the lines that come next in either text.
function numbered(entries: readonly Entry[]): Line[] {
  let [from, to] = [1, 1];
  return entries.map(([operation, text]) => {
    const line: Line = { sign: operation === 0 ? " " : operation === 1 ? "+" : "-", text, from, to };
    if (line.sign !== "+") from += 1;
    if (line.sign !== "-") to += 1;
    return line;
  });
}

function hunksOf(lines: readonly Line[], context: number): Line[][] {
  const hunks: Line[][] = [];
  let end = -1;
  for (const [n, { sign }] of lines.entries()) {
    if (sign === " ") continue;
    const start = Math.max(n - context, 0);
    if (start > end) hunks.push([]);
    hunks.at(-1)?.push(...lines.slice(Math.max(start, end), Math.min(n + context + 1, lines.length)));
    end = n + context + 1;
  }
  return hunks;
}

function headOf(hunk: readonly Line[]): string {
  const [first] = hunk;
  const [before, after] = [hunk.filter(({ sign }) => sign !== "+").length, hunk.filter(({ sign }) => sign !== "-").length];
  const start = (line: number, count: number): number => (count === 0 ? line - 1 : line);
  return `@@ -${start(first?.from ?? 1, before)},${before} +${start(first?.to ?? 1, after)},${after} @@`;
}
