/** How a cell writes a date, a time or a number of seconds; without a format a cell stays the text that it is. */
export const cellFormats = [
  "yyyymmdd",
  "yyyy-mm-dd",
  "yyyy/mm/dd",
  "dd/mm/yyyy",
  "dd.mm.yyyy",
  "dd-mm-yyyy",
  "mm/dd/yyyy",
  "epoch-seconds",
  "epoch-milliseconds",
] as const;

/** One of the formats of cells. */
export type CellFormat = (typeof cellFormats)[number];

/**
 * Reads a cell as its format says: a date as `1997-01-31`, with its time of day if one stands behind it as `1997-01-31T14:05`, an
 * epoch as an instant in UTC. Undefined where it is none.
 */
export function readCell(cell: string, format: CellFormat): string | undefined {
  return format === "epoch-seconds" || format === "epoch-milliseconds" ? epoch(cell, format) : date(cell, format);
}

function epoch(cell: string, format: CellFormat): string | undefined {
  const [, whole, fraction = ""] = /^(-?\d{1,15})(?:\.(\d{1,3}))?$/.exec(cell) ?? [];
  if (whole === undefined || (fraction !== "" && format === "epoch-milliseconds")) return undefined;
  const milliseconds = format === "epoch-seconds" ? Number(whole + fraction.padEnd(3, "0")) : Number(whole);
  return Math.abs(milliseconds) <= furthest_ms ? Temporal.Instant.fromEpochMilliseconds(milliseconds).toString() : undefined;
}

const furthest_ms = 8.64e15;

function date(cell: string, format: CellFormat): string | undefined {
  const found = patterns.get(format)?.exec(cell)?.groups;
  if (!found) return undefined;
  const { year = "", month = "", day = "", time } = found;
  const lastDay = daysIn(Number(year), Number(month));
  if (lastDay === undefined || Number(day) < 1 || Number(day) > lastDay) return undefined;
  return `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}${time ? `T${time}` : ""}`;
}

function daysIn(year: number, month: number): number | undefined {
  if (month < 1 || month > 12) return undefined;
  return Temporal.PlainYearMonth.from({ year, month }).daysInMonth;
}

const patterns = new Map(
  cellFormats.filter((format) => !format.startsWith("epoch")).map((format) => [format, patternOf(format)]),
);

function patternOf(format: string): RegExp {
  const digits = format.includes("mm") && /[^a-z]/.test(format) ? "{1,2}" : "{2}";
  const written = format
    .replace(/[./]/g, "\\$&")
    .replace("yyyy", "(?<year>\\d{4})")
    .replace("mm", `(?<month>\\d${digits})`)
    .replace("dd", `(?<day>\\d${digits})`);
  return new RegExp(`^${written}(?:[ T](?<time>\\d{2}:\\d{2}(?::\\d{2}(?:\\.\\d+)?)?(?:Z|[+-]\\d{2}:?\\d{2})?))?$`);
}
