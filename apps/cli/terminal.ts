import { terminalTable } from "@jukebase/console";
import type { FieldType, ReportRow } from "@jukebase/platform";

/** How a command speaks: to a person, or with --json to a program. */
export type Terminal = {
  readonly json: boolean;
  /** A person is there to be asked or to watch. */
  readonly interactive: boolean;
  /** A line for people on standard output; nothing with --json. */
  readonly print: (line?: string) => void;
  /** The answer for programs: one line of JSON on standard output; nothing without --json. */
  readonly answer: (value: unknown) => void;
  /** Content that is the answer in either case: a file's bytes, a document. */
  readonly write: (content: string | Uint8Array) => void;
  /** A line beside the answer, on standard error; nothing with --json. */
  readonly note: (line: string) => void;
  /** A line that the next one replaces, shown only on a terminal; undefined takes it away. */
  readonly progress: (line: string | undefined) => void;
};

/** The terminal of this process. A reader that goes away early (`| head`) ends it quietly. */
export function processTerminal(json: boolean): Terminal {
  const { stdout, stderr } = process;
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
  });
  let drawn = false;
  const progress = (line: string | undefined): void => {
    if (json || !stderr.isTTY || (line === undefined && !drawn)) return;
    stderr.write(`\r\u001b[2K${line === undefined ? "" : line.slice(0, (stderr.columns || 80) - 1)}`);
    drawn = line !== undefined;
  };
  const beneath = (work: () => void): void => {
    progress(undefined);
    work();
  };
  return {
    json,
    interactive: !json && stdout.isTTY === true && process.stdin.isTTY === true,
    print: (line = "") => beneath(() => json || stdout.write(`${line}\n`)),
    answer: (value) => void (json && stdout.write(`${JSON.stringify(value)}\n`)),
    write: (content) => beneath(() => stdout.write(content)),
    note: (line) => beneath(() => json || stderr.write(`${line}\n`)),
    progress,
  };
}

/** Rows as a table for people: `columns` gives the order and how each is shown. Without rows, `empty`. */
export function listing(columns: Readonly<Record<string, FieldType>>, rows: readonly object[], empty = "None."): string {
  if (rows.length === 0) return empty;
  const fields = Object.entries(columns).map(([name, type]) => ({ name, type, description: "" }));
  return terminalTable({ fields, rows: rows as readonly ReportRow[] }).trimEnd();
}
