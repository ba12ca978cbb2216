import { Invalid } from "@jukebase/platform/errors.ts";
import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";
import writeXlsxFile, { type CellObject, type SheetData } from "write-excel-file/node";
import { fractionDigits, isDecimal, significantDigits } from "./decimal.ts";
import type { Exported } from "./export.ts";
import { instantOf, isNumeric } from "./format.ts";

/** More rows than this make a file that spreadsheets open badly; CSV has no such bound. */
export const xlsxRowsMax = 100_000;

/**
 * A workbook of two sheets: the rows, typed, and how they were asked for. A number is a number as long as a double holds all its
 * digits (15); beyond, it is text, so that it is never rounded. Instants are UTC. Throws Invalid above 100,000 rows.
 */
export async function xlsxOf(exported: Exported): Promise<Buffer> {
  const { name, fields, rows } = exported;
  if (rows.length > xlsxRowsMax)
    throw new Invalid(
      `${name} has ${rows.length} rows, more than the ${xlsxRowsMax} that fit an XLSX file; ask for CSV, or narrow the dates or filters`,
    );
  const data: SheetData = [fields.map(headerCell), ...rows.map((row) => fields.map((field) => bodyCell(field, row[field.name])))];
  return writeXlsxFile(
    [
      { data, sheet: "Rows", columns: fields.map((field) => ({ width: widthOf(field) })), stickyRowsCount: 1 },
      { data: parameterRows(exported), sheet: "Parameters", columns: [{ width: 28 }, { width: 60 }] },
    ],
    { fontFamily: "Calibri", fontSize: 11 },
  ).toBuffer();
}

function headerCell(field: Field): CellObject {
  return { value: field.name, type: String, fontWeight: "bold", ...(isNumeric(field) ? { align: "right" } : {}) };
}

function bodyCell(field: Field, value: ReportRow[string] | undefined): CellObject | null {
  if (value === null || value === undefined) return null;
  switch (field.type) {
    case "integer":
    case "numeric":
    case "money":
      return numberCell(field, String(value));
    case "date":
      return { value: new Date(`${value}T00:00:00Z`), type: Date, format: "yyyy-mm-dd" };
    case "timestamp":
      return { value: new Date(instantOf(value).epochMilliseconds), type: Date, format: "yyyy-mm-dd hh:mm:ss" };
    case "boolean":
      return { value: Boolean(value), type: Boolean };
    default:
      return textCell(String(value));
  }
}

function numberCell(field: Field, decimal: string): CellObject {
  if (!isDecimal(decimal) || significantDigits(decimal) > 15) return { ...textCell(decimal), align: "right" };
  const places = field.type === "money" ? Math.max(2, fractionDigits(decimal)) : fractionDigits(decimal);
  return { value: Number(decimal), type: Number, format: places === 0 ? "#,##0" : `#,##0.${"0".repeat(places)}` };
}

/** Named as text, so that "=1+1" is never a formula. Characters that XML can't hold are dropped by the writer. */
function textCell(text: string): CellObject {
  return { value: text, type: String };
}

function widthOf({ name, type }: Field): number {
  const content = { text: 24, uuid: 38, timestamp: 20, date: 12, money: 16, numeric: 14, integer: 12, boolean: 9 }[type];
  return Math.max(content, name.length + 2);
}

function parameterRows({ name, params, asOf, fields }: Exported): SheetData {
  const { where, options, ...rest } = params;
  const asked = Object.entries({ ...rest, ...where, ...options }).filter(([, value]) => value !== undefined && value !== null);
  const lines: readonly (readonly [string, string])[] = [
    ["report", name],
    ["as_of", asOf],
    ...asked.map(([key, value]) => [key, String(value)] as const),
  ];
  const described = fields.map(({ name: column, description }) => [column, description] as const);
  return [title("Parameter", "Value"), ...lines.map(pair), [], title("Column", "Meaning"), ...described.map(pair)];
}

function title(left: string, right: string): CellObject[] {
  return [left, right].map((value) => ({ value, type: String, fontWeight: "bold" }));
}

function pair([left, right]: readonly [string, string]): CellObject[] {
  return [textCell(left), textCell(right)];
}
