import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";
import { fractionDigits, isDecimal } from "./decimal.ts";

/** A value of a row, as queries give it: money and numeric as decimal strings, timestamps as ISO text or epoch milliseconds. */
export type CellValue = ReportRow[string] | undefined;

/** A value as it is read by people, in English, exact to the last digit; empty for null. Instants are shown in `tz`. */
export function formatValue(field: Field, value: CellValue, row: ReportRow = {}, tz = "UTC"): string {
  if (value === null || value === undefined) return "";
  switch (field.type) {
    case "money":
      return formatMoney(String(value), currencyOf(row));
    case "integer":
    case "numeric":
      return formatNumber(String(value));
    case "timestamp":
      return formatInstant(instantOf(value), tz);
    case "boolean":
      return value ? "yes" : "no";
    default:
      return String(value);
  }
}

/** A decimal grouped by thousands with every digit it has; with a currency at least that currency's ISO digits. */
export function formatMoney(amount: string, currency?: string): string {
  if (!isDecimal(amount)) return amount;
  const least = currency === undefined ? 2 : currencyDigits(currency);
  return grouped(amount, Math.max(least, fractionDigits(amount)));
}

/** A whole or decimal number grouped by thousands, trailing zeros dropped. */
export function formatNumber(number: string): string {
  return isDecimal(number) ? grouped(number, fractionDigits(number)) : number;
}

/** "2024-03-10 14:05 CET": minutes, or seconds where there are any, with the zone's short name. */
export function formatInstant(instant: Temporal.Instant, tz: string): string {
  const local = instant.toZonedDateTimeISO(tz);
  const time = local.toPlainTime().toString({ smallestUnit: local.second === 0 ? "minute" : "second" });
  return `${local.toPlainDate()} ${time} ${zoneName(instant, tz)}`;
}

/** Reads what Postgres, JSON or a driver writes for an instant; throws RangeError for anything else. */
export function instantOf(value: string | number | boolean): Temporal.Instant {
  return typeof value === "number" ? Temporal.Instant.fromEpochMilliseconds(value) : Temporal.Instant.from(String(value));
}

/** A column's name as a heading: `outstanding_amount` → "Outstanding amount". */
export function heading(name: string): string {
  const words = name
    .replaceAll("_", " ")
    .replace(/\bid\b/g, "ID")
    .replace(/\bUtc\b/gi, "UTC");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Whether values of the column stand at the right, with digits of one width. */
export function isNumeric(field: Field): boolean {
  return field.type === "integer" || field.type === "numeric" || field.type === "money";
}

/** The row's currency, if it has a column of that name. */
export function currencyOf(row: ReportRow): string | undefined {
  return typeof row.currency === "string" ? row.currency : undefined;
}

const formatters = new Map<string, Intl.NumberFormat>();
const zones = new Map<string, Intl.DateTimeFormat>();
const digits = new Map<string, number>();

function grouped(decimal: string, places: number): string {
  const key = String(places);
  const formatter =
    formatters.get(key) ?? new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  formatters.set(key, formatter);
  // A decimal string is formatted exactly; TypeScript wants its literal type.
  return formatter.format(decimal as Intl.StringNumericLiteral);
}

function currencyDigits(currency: string): number {
  const known = digits.get(currency);
  if (known !== undefined) return known;
  const iso = /^[A-Z]{3}$/.test(currency);
  const found = iso
    ? (new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2)
    : 0;
  digits.set(currency, found);
  return found;
}

function zoneName(instant: Temporal.Instant, tz: string): string {
  const formatter = zones.get(tz) ?? new Intl.DateTimeFormat("en", { timeZone: tz, timeZoneName: "short" });
  zones.set(tz, formatter);
  const part = formatter.formatToParts(instant.epochMilliseconds).find(({ type }) => type === "timeZoneName");
  return part?.value ?? tz;
}
