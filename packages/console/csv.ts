import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";

/**
 * CSV after RFC 4180: CRLF, a header of column names, quotes where needed, null as nothing and an empty text as "".
 * Text that a spreadsheet would take for a formula gets a leading apostrophe; numbers are never touched, so "-12.50" stays a number.
 */
export function csvOf(
  { fields, rows }: { readonly fields: readonly Field[]; readonly rows: readonly ReportRow[] },
  { bom = false } = {},
): string {
  const lines = [
    fields.map(({ name }) => quoted(name)),
    ...rows.map((row) => fields.map((field) => cell(field, row[field.name]))),
  ];
  return `${bom ? "\uFEFF" : ""}${lines.map((line) => `${line.join(",")}\r\n`).join("")}`;
}

function cell(field: Field, value: ReportRow[string] | undefined): string {
  if (value === null || value === undefined) return "";
  if (field.type === "timestamp" && typeof value === "number") return Temporal.Instant.fromEpochMilliseconds(value).toString();
  const text = String(value);
  return quoted(field.type === "text" ? guarded(text) : text);
}

function guarded(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return text === "" || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
