import { Invalid } from "@jukebase/platform/errors.ts";
import { z } from "zod";
import { cellFormats } from "./cells.ts";
import { parseExact } from "./exact.ts";

const columnName = z.string().min(1);
const fieldPath = z
  .string()
  .regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/, "a field is named like PaymentAmount, a nested one like DeviceDetails.DevicePrice");
const fromColumn = z.strictObject({ column: columnName, format: z.enum(cellFormats).optional() });
const constant = z.strictObject({ value: z.union([z.string(), z.number(), z.boolean()]) });
const fixedColumn = z.strictObject({ name: columnName, start: z.int().min(1), end: z.int().min(1).optional() });

const mappingSchema = z.strictObject({
  source: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'a source is named in lower case, like "billing-eu"'),
  kind: z.enum(["facts", "observations"]),
  type: z.string().min(1),
  version: z.int().min(1).optional(),
  header: z.union([z.boolean(), z.array(columnName).min(1)], "true, false or a list of column names").optional(),
  delimiter: z
    .string()
    .regex(/^[\t -~]$/, "one character")
    .regex(/[^"]/, "the quote cannot part columns")
    .optional(),
  columns: z.array(fixedColumn).min(1).optional(),
  encoding: z.enum(["utf-8", "latin1"]).optional(),
  skip: z.int().min(0).optional(),
  where: z.record(columnName, z.string()).optional(),
  dateOrder: z.enum(["dmy", "mdy", "ymd"]).optional(),
  timeZone: z.string().refine(isTimeZone, "an IANA time zone, like Europe/Rome").optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "an ISO 4217 code, like USD")
    .optional(),
  id: columnName.optional(),
  observedAt: z.union([columnName, fromColumn], "a column, or { column, format }").optional(),
  data: z.record(fieldPath, z.union([fromColumn, constant], "{ column, format? } or { value }")),
});

/** How the rows of a CSV or fixed-width source become events: see the reference page on mapping files for each field. */
export type Mapping = z.infer<typeof mappingSchema>;

/** Reads a mapping file. `file` names it in errors. Throws `Invalid` with all that is wrong, where, and what is possible instead. */
export function parseMapping(text: string, file: string): Mapping {
  const parsed = parseExact(text.replace(/^\ufeff/, ""));
  if (!parsed.ok) throw new Invalid(`The mapping ${file} cannot be read. ${parsed.issue.rule}`);
  const checked = mappingSchema.safeParse(parsed.value);
  if (!checked.success) throw invalid(file, checked.error.issues.map(sentence));
  const flaws = contradictions(checked.data);
  if (flaws.length > 0) throw invalid(file, flaws);
  return checked.data;
}

/** Which of the two formats a mapping describes: columns with positions are fixed width. */
export const mappedFormat = (mapping: Mapping): "csv" | "fixed" => (mapping.columns ? "fixed" : "csv");

/** A clause on the columns that a mapping uses and the source does not have; undefined when all are known. */
export function unknownColumns(mapping: Mapping, known: readonly string[]): string | undefined {
  const unknown = usedColumns(mapping).filter((name) => !known.includes(name));
  return unknown.length > 0 ? `no column ${quoted(unknown)}; known: ${quoted(known)}` : undefined;
}

/** A clause on the columns that a mapping uses and of which the source has several. */
export function ambiguousColumns(mapping: Mapping, known: readonly string[]): string | undefined {
  const ambiguous = usedColumns(mapping).filter((name) => known.indexOf(name) !== known.lastIndexOf(name));
  return ambiguous.length > 0 ? `more than one column ${quoted(ambiguous)}` : undefined;
}

function usedColumns(mapping: Mapping): string[] {
  const used = [
    mapping.id,
    columnOf(mapping.observedAt),
    ...Object.keys(mapping.where ?? {}),
    ...Object.values(mapping.data).map(columnOf),
  ];
  return [...new Set(used)].filter((name) => name !== undefined);
}

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(", ");

function columnOf(from: string | { column: string } | { value: unknown } | undefined): string | undefined {
  if (typeof from !== "object") return from;
  return "column" in from ? from.column : undefined;
}

function contradictions(mapping: Mapping): string[] {
  const names = mapping.columns?.map(({ name }) => name) ?? (Array.isArray(mapping.header) ? mapping.header : undefined);
  const flaws = [names && unknownColumns(mapping, names), names && repeated(names), ...overlaid(Object.keys(mapping.data))];
  if (Object.keys(mapping.data).length === 0) flaws.push("data: names no field");
  for (const { name, start, end } of mapping.columns ?? []) {
    if (end !== undefined && end < start) flaws.push(`columns: "${name}" ends (${end}) before it starts (${start})`);
  }
  if (mapping.columns && (mapping.header !== undefined || mapping.delimiter !== undefined)) {
    flaws.push(
      'columns: positions belong to fixed width, "header" and "delimiter" to CSV; keep one of them ("skip" passes a heading over)',
    );
  }
  return flaws.filter((flaw) => flaw !== undefined);
}

function repeated(names: readonly string[]): string | undefined {
  const name = names.find((candidate, at) => names.indexOf(candidate) !== at);
  return name === undefined ? undefined : `the column "${name}" is named twice`;
}

function overlaid(fields: readonly string[]): string[] {
  return fields
    .filter((field) => fields.some((other) => other.startsWith(`${field}.`)))
    .map((field) => `data: "${field}" cannot be a value and hold fields`);
}

function invalid(file: string, flaws: readonly string[]): Invalid {
  return new Invalid(
    `The mapping ${file} cannot be used:\n${flaws.map((flaw) => `- ${flaw}`).join("\n")}\nSee docs/reference/mapping-files.md.`,
  );
}

function sentence(issue: z.core.$ZodIssue): string {
  const said = issue.code === "invalid_key" ? (issue.issues[0] ?? issue) : issue;
  return `${place(issue.path)}: ${said.message}`;
}

const place = (path: readonly PropertyKey[]): string => (path.length > 0 ? path.map(String).join(".") : "the mapping");

function isTimeZone(name: string): boolean {
  return name === "UTC" || Intl.supportedValuesOf("timeZone").includes(name);
}
