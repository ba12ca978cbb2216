import type { Dialect } from "@jukebase/platform/contract.ts";

/** A date as written, and what is written behind it, if anything. */
export type WrittenDate = { readonly date: CalendarDate; readonly rest: string | undefined };

/** A day of the calendar; `centuryGuessed` when the year had two digits. */
export type CalendarDate = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly centuryGuessed: boolean;
};

/** Why a text is no date. */
export type DateRefusal = { readonly code: string; readonly reason: string };

/** The rule of dates in words, shared by `date` and `instant`. */
export const DATE_RULE =
  "2020-12-31, or day, month and year with /, . or - between (31/12/2020); a date that reads in two ways needs the source's date order (--date-order dmy, mdy or ymd); two-digit years 00–69 are 2000–2069, 70–99 are 1970–1999.";

/**
 * Reads the date at the start of a text. Every order that the text and the source allow is tried; what is left must be one
 * real day of the calendar. A source's declared order is binding: it is not given up where only the other one would fit.
 */
export const readCalendar = (text: string, order: Dialect["dateOrder"]): WrittenDate | DateRefusal => {
  const parts = text.length > 64 ? null : DATE.exec(text);
  if (parts === null) return { code: "not-a-date", reason: "Does not start with a date." };
  const [, first = "", , second = "", third = "", rest] = parts;
  if (!isWritten(first, second, third)) return { code: "not-a-date", reason: "Does not start with a date." };
  const orders = ordersOf(first, third, order);
  const tried = orders.map((one) => inOrder(one, [first, second, third]));
  const dates = orders.length === 1 ? tried : distinct(tried);
  const [date] = dates;
  if (date === undefined) return { code: "impossible-date", reason: "Is not a day of the calendar in the source's date order." };
  return dates.length === 1 ? { date, rest } : AMBIGUOUS;
};

/** Whether the answer of `readCalendar` is a refusal. */
export const isRefusal = (answer: WrittenDate | DateRefusal): answer is DateRefusal => "code" in answer;

/** A day as YYYY-MM-DD. */
export const isoDate = ({ year, month, day }: CalendarDate): string => `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;

type Order = NonNullable<Dialect["dateOrder"]>;

const DATE = /^(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[Tt ](.*))?$/s;

const AMBIGUOUS: DateRefusal = {
  code: "ambiguous-date",
  reason: "Reads as two different days; say which is meant with --date-order dmy or --date-order mdy for this source.",
};

const isWritten = (first: string, second: string, third: string): boolean =>
  first.length === 4 ? third.length <= 2 : first.length <= 2 && second.length <= 2 && (third.length === 2 || third.length === 4);

const ordersOf = (first: string, third: string, declared: Dialect["dateOrder"]): readonly Order[] => {
  if (first.length === 4) return ["ymd"];
  if (declared === undefined) return ["dmy", "mdy"];
  return declared === "ymd" && third.length === 4 ? ["dmy", "mdy"] : [declared];
};

const inOrder = (order: Order, parts: readonly [string, string, string]): CalendarDate | undefined => {
  const of = (part: "d" | "m" | "y") => parts[order.indexOf(part)] ?? "";
  const centuryGuessed = of("y").length === 2;
  const written = Number(of("y"));
  const year = centuryGuessed ? written + (written < 70 ? 2000 : 1900) : written;
  const [month, day] = [Number(of("m")), Number(of("d"))];
  const isReal = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return isReal ? { year, month, day, centuryGuessed } : undefined;
};

const daysIn = (year: number, month: number): number => {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
};

const distinct = (dates: readonly (CalendarDate | undefined)[]): CalendarDate[] => [
  ...new Map(dates.flatMap((date) => (date === undefined ? [] : [[isoDate(date), date] as const]))).values(),
];

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");
