import { readFileSync } from "node:fs";

/** A fenced block of a Markdown file: its language, the rest of its info string, and its text. */
export type Block = { readonly language: string; readonly info: string; readonly text: string };

/** The fenced blocks of a file, in order. */
export function blocksOf(file: string): Block[] {
  const found = readFileSync(file, "utf8").matchAll(/^```(\w+) ?([^\n]*)\n([\s\S]*?)^```$/gm);
  return [...found].map(([, language = "", info = "", text = ""]) => ({ language, info, text }));
}

/** The file that a block says it is (`file=…`); undefined when it is none. */
export function fileOf({ info }: Block): string | undefined {
  return /(?:^| )file=(\S+)/.exec(info)?.[1];
}

/**
 * The text with a diff block's hunks (parted by @@) made in it: what they take away and leave must stand there exactly once.
 * Throws naming the hunk that does not fit.
 */
export function applied(diff: string, text: string): string {
  return diff.split(/^@@.*\n/m).reduce((done, hunk) => {
    const lines = hunk.trimEnd().split("\n");
    const without = (sign: string): string => lines.flatMap((line) => (line.startsWith(sign) ? [] : [line.slice(1)])).join("\n");
    const before = without("+");
    if (done.split(before).length !== 2) throw new Error(`These lines do not stand there once:\n${before}`);
    return done.replace(before, () => without("-"));
  }, text);
}
