import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";
import { compareDecimals, isDecimal } from "./decimal.ts";
import { type CellValue, instantOf, isNumeric } from "./format.ts";

/** By which column the rows stand, and in which direction. In a URL: `sort=column` or `sort=-column`. */
export type Sort = { readonly column: string; readonly descending: boolean };

/** The rows in the asked order, stable, decimals exactly compared, empty values last in both directions. */
export function sortRows(fields: readonly Field[], rows: readonly ReportRow[], sort: Sort | undefined): readonly ReportRow[] {
  const field = fields.find(({ name }) => name === sort?.column);
  if (!sort || !field) return rows;
  const turn = sort.descending ? -1 : 1;
  return rows.toSorted((left, right) => compare(field, left[field.name], right[field.name], turn));
}

function compare(field: Field, left: CellValue, right: CellValue, turn: number): number {
  const missing = Number(isEmpty(left)) - Number(isEmpty(right));
  if (missing !== 0 || isEmpty(left) || isEmpty(right)) return missing;
  return turn * compareValues(field, left, right);
}

function compareValues(field: Field, left: string | number | boolean, right: string | number | boolean): number {
  const [a, b] = [String(left), String(right)];
  if (isNumeric(field) && isDecimal(a) && isDecimal(b)) return compareDecimals(a, b);
  if (field.type === "timestamp") return Temporal.Instant.compare(instantOf(left), instantOf(right));
  return collator.compare(a, b);
}

function isEmpty(value: CellValue): value is null | undefined {
  return value === null || value === undefined;
}

const collator = new Intl.Collator("en", { numeric: true });
