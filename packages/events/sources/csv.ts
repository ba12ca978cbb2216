import { Invalid } from "@jukebase/platform/errors.ts";
import { CsvError, parse } from "csv-parse/sync";
import { decode } from "./decode.ts";
import type { Reading } from "./json-reading.ts";
import { ambiguousColumns, type Mapping, unknownColumns } from "./mapping.ts";
import type { Piece } from "./piece.ts";
import { refused } from "./received.ts";
import { envelopesOf, type Row } from "./rows.ts";

/** The columns' places by name, and how many a row has to have. */
type Heading = { readonly places: ReadonlyMap<string, number>; readonly width: number };

type Cells = { readonly ok: true; readonly cells: readonly string[] } | Extract<Row, { ok: false }>;

/** Reads records as rows of CSV. Throws `Invalid` when the heading lacks a column that the mapping uses. */
export function csvReading(mapping: Mapping): Reading {
  const toOutcome = envelopesOf(mapping);
  let heading: Heading | undefined = Array.isArray(mapping.header) ? headingWith(mapping.header) : undefined;
  const leads = (piece: Piece): boolean => {
    if (piece.line <= (mapping.skip ?? 0)) return true;
    if (heading) return false;
    heading = headingOf(piece, mapping);
    return mapping.header !== false;
  };
  const outcome: Reading["outcome"] = (piece) =>
    toOutcome(rowOf(cellsOf(piece, mapping), heading ?? headingWith([]), piece.line), piece.line);
  return { leads, outcome };
}

/** The heading of a piece; without one in the source, the columns are "1", "2", … after the first row. */
function headingOf(piece: Piece, mapping: Mapping): Heading {
  const read = piece.tooLong ? refusedRow("too-long", "The heading is too long.") : cellsOf(piece, mapping);
  if (!read.ok)
    throw new Invalid(`Line ${piece.line} should name the columns and cannot be read. Say "skip" or "header" in the mapping.`);
  const names = read.cells.map((cell, at) => (mapping.header === false ? String(at + 1) : cell.trim()));
  const flaw = unknownColumns(mapping, names) ?? ambiguousColumns(mapping, names);
  if (flaw)
    throw new Invalid(
      `The heading on line ${piece.line} does not fit the mapping: ${flaw}. Correct the mapping, its "skip" or its "delimiter".`,
    );
  return headingWith(names);
}

function headingWith(names: readonly string[]): Heading {
  return { places: new Map(names.map((name, at) => [name, at])), width: names.length };
}

function cellsOf({ bytes, line }: Piece, mapping: Mapping): Cells {
  const text = decode(bytes, mapping.encoding);
  if (text === undefined)
    return refusedRow("not-utf8", `Line ${line} is not UTF-8: convert the file, or say "encoding": "latin1".`);
  if (text.includes("\0")) return refusedRow("nul-character", `Line ${line} holds a NUL character; no text may.`);
  const delimiter = mapping.delimiter ?? ",";
  // Most records hold no quote, and a call of the parser for each would take ten times as long.
  return text.includes('"') ? quotedCells(text, delimiter, line) : { ok: true, cells: text.split(delimiter) };
}

function quotedCells(text: string, delimiter: string, line: number): Cells {
  try {
    const [cells = []] = parse(text, { delimiter, record_delimiter: "\n", relax_column_count: true });
    return { ok: true, cells };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return refusedRow("broken-csv", `Line ${line}: ${quoteRules[error.code] ?? "the record is not CSV"} (RFC 4180).`);
  }
}

const quoteRules: Partial<Record<string, string>> = {
  INVALID_OPENING_QUOTE: "a quote stands inside a field that does not begin with one; quote the field and double the quote",
  CSV_INVALID_CLOSING_QUOTE: "text stands behind a closing quote; double each quote inside a field",
  CSV_QUOTE_NOT_CLOSED: "a quote is never closed; double each quote inside a field",
};

function rowOf(read: Cells, { places, width }: Heading, line: number): Row {
  if (!read.ok) return read;
  const { cells } = read;
  if (cells.length !== width) return refusedRow("wrong-columns", `Line ${line} has ${cells.length} columns instead of ${width}.`);
  return { ok: true, cell: (column) => cells[places.get(column) ?? -1] ?? "" };
}

function refusedRow(code: string, rule: string): Extract<Row, { ok: false }> {
  return { ok: false, outcome: refused(code, rule) };
}
