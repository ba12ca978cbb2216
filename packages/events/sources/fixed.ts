import { decode } from "./decode.ts";
import type { Reading } from "./json-reading.ts";
import type { Mapping } from "./mapping.ts";
import { refused } from "./received.ts";
import { envelopesOf, type Row } from "./rows.ts";

type Column = NonNullable<Mapping["columns"]>[number];

/** Reads lines as rows of fixed width. Positions count characters from 1; cells lose the blanks around them. */
export function fixedReading(mapping: Mapping): Reading {
  const toOutcome = envelopesOf(mapping);
  return {
    leads: ({ line }) => line <= (mapping.skip ?? 0),
    outcome: ({ bytes, line }) => toOutcome(rowOf(decode(bytes, mapping.encoding), mapping.columns ?? [], line), line),
  };
}

function rowOf(text: string | undefined, columns: readonly Column[], line: number): Row {
  if (text === undefined)
    return {
      ok: false,
      outcome: refused("not-utf8", `Line ${line} is not UTF-8: convert the file, or say "encoding": "latin1".`),
    };
  if (text.includes("\0"))
    return { ok: false, outcome: refused("nul-character", `Line ${line} holds a NUL character; no text may.`) };
  const characters = /[\ud800-\udfff]/.test(text) ? [...text] : text;
  const cut = columns.find(({ start, end }) => end !== undefined && characters.length >= start && characters.length < end);
  if (cut) {
    return {
      ok: false,
      outcome: refused(
        "short-line",
        `Line ${line} ends at ${characters.length}, inside the column "${cut.name}" (${cut.start} to ${cut.end}).`,
      ),
    };
  }
  const cells = new Map(columns.map(({ name, start, end }) => [name, cellOf(characters, start, end)]));
  return { ok: true, cell: (column) => cells.get(column) ?? "" };
}

function cellOf(characters: string | readonly string[], start: number, end: number | undefined): string {
  const cell = characters.slice(start - 1, end);
  return (typeof cell === "string" ? cell : cell.join("")).trim();
}
