import { readCell } from "./cells.ts";
import type { Mapping } from "./mapping.ts";
import { type Outcome, type RawEnvelope, refused } from "./received.ts";

/** The cells of a row by their columns' names, or why the row has none. */
export type Row =
  | { readonly ok: true; readonly cell: (column: string) => string }
  | { readonly ok: false; readonly outcome: Outcome };

/** Makes a mapping's function from rows to envelopes: undefined for a row that its `where` leaves out. */
export function envelopesOf(mapping: Mapping): (row: Row, line: number) => Outcome | undefined {
  const fields = Object.entries(mapping.data).map(([name, from]) => ({ name, path: name.split("."), from }));
  const time = typeof mapping.observedAt === "string" ? { column: mapping.observedAt } : mapping.observedAt;
  return (row, line) => {
    if (!row.ok) return row.outcome;
    if (!wanted(row.cell, mapping.where)) return undefined;
    const envelope: RawEnvelope = { type: mapping.type, source: mapping.source, data: {} };
    if (mapping.version !== undefined) envelope.version = mapping.version;
    const id = mapping.id === undefined ? "" : row.cell(mapping.id).trim();
    if (id !== "") envelope.id = id;
    const issues = fields.flatMap(({ name, path, from }) => {
      const read = "value" in from ? { ok: true as const, value: from.value } : readFrom(row.cell, from, `$.${name}`, line);
      if (read.ok && read.value !== undefined) put(envelope.data as Record<string, unknown>, path, read.value);
      return read.ok ? [] : read.issues;
    });
    const observed = time ? readFrom(row.cell, time, "$.time", line) : { ok: true as const, value: undefined };
    if (!observed.ok) issues.push(...observed.issues);
    else if (observed.value !== undefined) envelope.time = observed.value;
    return issues.length > 0 ? { ok: false, issues } : { ok: true, envelope };
  };
}

function wanted(cell: (column: string) => string, where: Mapping["where"]): boolean {
  return Object.entries(where ?? {}).every(([column, value]) => cell(column).trim() === value);
}

type From = Extract<Mapping["data"][string], { column: string }>;

function readFrom(cell: (column: string) => string, { column, format }: From, path: string, line: number) {
  const text = cell(column);
  if (text.trim() === "") return { ok: true as const, value: undefined };
  if (format === undefined) return { ok: true as const, value: text };
  const value = readCell(text.trim(), format);
  if (value !== undefined) return { ok: true as const, value };
  return refused("bad-format", `Line ${line}, column "${column}": is not of the form ${format}.`, path);
}

function put(data: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [step = "", ...rest] = path;
  if (rest.length === 0) data[step] = value;
  else {
    if (!Object.hasOwn(data, step)) data[step] = {};
    put(data[step] as Record<string, unknown>, rest, value);
  }
}
