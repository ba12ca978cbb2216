import type { Field } from "@jukebase/platform/field.ts";
import type { ReportParams, ReportRow } from "@jukebase/platform/report.ts";
import type { Exported } from "./export.ts";

/** A report as the API answers it. Money and numeric are decimal strings; columns come in the order of the table. */
export type ReportJson = {
  readonly report: string;
  readonly params: ReportParams;
  readonly as_of: string;
  readonly columns: readonly Field[];
  readonly rows: readonly ReportRow[];
};

/** The JSON answer; each row has exactly the described columns. */
export function jsonOf({ name, fields, rows, params, asOf }: Exported): ReportJson {
  const columns = fields.map(({ name: column, type, description }) => ({ name: column, type, description }));
  return { report: name, params, as_of: asOf, columns, rows: rows.map((row) => described(fields, row)) };
}

function described(fields: readonly Field[], row: ReportRow): ReportRow {
  return Object.fromEntries(fields.map((field) => [field.name, value(field, row[field.name])]));
}

function value({ type }: Field, given: ReportRow[string] | undefined): ReportRow[string] {
  if (given === null || given === undefined) return null;
  if (type === "money" || type === "numeric") return String(given);
  return type === "timestamp" && typeof given === "number" ? Temporal.Instant.fromEpochMilliseconds(given).toString() : given;
}
