import { readCell } from "./cells.ts";
import type { Mapping } from "./mapping.ts";
import { type Outcome, type ReaderIssue, refused } from "./received.ts";

/** The cells of a row by their columns' names, or why the row has none. */
export type Row =
  | { readonly ok: true; readonly cell: (column: string) => string }
  | { readonly ok: false; readonly outcome: Outcome };

/** Makes a mapping's function from rows to envelopes: undefined for a row that its `where` leaves out. */
export function envelopesOf(mapping: Mapping): (row: Row, line: number) => Outcome | undefined {
  const targets = targetsOf(mapping);
  const version = mapping.version === undefined ? {} : { version: mapping.version };
  return (row, line) => {
    if (!row.ok) return row.outcome;
    if (!wanted(row.cell, mapping.where)) return undefined;
    const envelope = { type: mapping.type, source: mapping.source, ...version, data: {} };
    const issues = targets.flatMap((target) => fill(envelope, target, row.cell, line));
    return issues.length > 0 ? { ok: false, issues } : { ok: true, envelope };
  };
}

/** A place in the envelope, how issues name it, and what belongs there. */
type Target = { readonly path: readonly string[]; readonly name: string; readonly from: Mapping["data"][string] };

function targetsOf({ id, observedAt, data }: Mapping): Target[] {
  const time = typeof observedAt === "string" ? { column: observedAt } : observedAt;
  return [
    ...(id === undefined ? [] : [{ path: ["id"], name: "$.id", from: { column: id } }]),
    ...(time === undefined ? [] : [{ path: ["time"], name: "$.time", from: time }]),
    ...Object.entries(data).map(([name, from]) => ({ path: ["data", ...name.split(".")], name: `$.${name}`, from })),
  ];
}

function wanted(cell: (column: string) => string, where: Mapping["where"]): boolean {
  return Object.entries(where ?? {}).every(([column, value]) => cell(column).trim() === value);
}

function fill(
  envelope: Record<string, unknown>,
  { path, name, from }: Target,
  cell: (column: string) => string,
  line: number,
): ReaderIssue[] {
  if ("value" in from) {
    put(envelope, path, from.value);
    return [];
  }
  const text = cell(from.column);
  if (text.trim() === "") return [];
  const value = from.format === undefined ? text : readCell(text.trim(), from.format);
  if (value === undefined) {
    return refused("bad-format", `Line ${line}, column "${from.column}": is not of the form ${from.format}.`, name).issues;
  }
  put(envelope, path, value);
  return [];
}

function put(fields: Record<string, unknown>, [step = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    fields[step] = value;
    return;
  }
  if (!Object.hasOwn(fields, step)) fields[step] = {};
  put(fields[step] as Record<string, unknown>, rest, value);
}
