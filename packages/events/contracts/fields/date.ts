import type { Dialect } from "@jukebase/platform/contract.ts";
import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { DATE_RULE, isoDate, isRefusal, readCalendar } from "./calendar.ts";
import { field } from "./field.ts";

/** A day of the calendar, as YYYY-MM-DD. */
export const date = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.string(), {
    meaning,
    rule: `A date: ${DATE_RULE} A time of midnight behind it is dropped, any other refused.`,
    sql: "date",
    form: { name: "date" },
    column: options.column,
    read: readDate,
  });

/** A day on which somebody was born: a two-digit year is refused, since no pivot fits people. */
export const birthDate = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.string(), {
    meaning,
    rule: "A date with a four-digit year: 1980-12-31, or with /, . or - between and the source's date order where it reads in two ways.",
    sql: "date",
    form: { name: "birthDate" },
    column: options.column,
    read: readBirthDate,
  });

/** Reads a date, or a timestamp of midnight as its date. */
export const readDate = (value: unknown, dialect: Dialect): Reading<string> => read(value, dialect, true);

/** Reads a date whose year must have four digits. */
export const readBirthDate = (value: unknown, dialect: Dialect): Reading<string> => read(value, dialect, false);

const read = (value: unknown, dialect: Dialect, twoDigitYears: boolean): Reading<string> => {
  if (typeof value !== "string") return refused("wrong-type", "Is not text.");
  const written = readCalendar(value.trim(), dialect.dateOrder);
  if (isRefusal(written)) return refused(written.code, written.reason);
  if (written.date.centuryGuessed && !twoDigitYears)
    return refused("ambiguous-date", "The year has two digits, so the century is not certain.");
  if (written.rest !== undefined && !MIDNIGHT.test(written.rest)) return refused("not-a-date", "Has a time of day.");
  return accepted(isoDate(written.date));
};

const MIDNIGHT = /^00:00(?::00(?:\.0{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/i;
