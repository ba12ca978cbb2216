import type { Dialect } from "@jukebase/platform/contract.ts";
import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { DATE_RULE, isoDate, isRefusal, readCalendar } from "./calendar.ts";
import { field } from "./field.ts";
import { readTimeOfDay } from "./time-of-day.ts";

/** The rule of instants in words. */
export const INSTANT_RULE = `A timestamp with or without zone, a date, or epoch milliseconds. ${DATE_RULE} Without zone: the source's time zone, an hour that a clock change skips moved on and one it repeats taken as the first; without time: midnight there. Epoch milliseconds from 100000000000 on, as number or digits. Leap seconds are refused; digits past the microsecond are dropped. Becomes UTC.`;

/** A moment, as ISO 8601 in UTC with up to microseconds: 2020-12-31T20:20:01.5Z. */
export const instant = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: INSTANT_RULE,
    sql: "timestamptz",
    form: { name: "instant" },
    column: options.column,
    read: readInstant,
  });

/** When the event happened; where a body leaves it out, the envelope's time stands in. */
export const occurredAt = (meaning = "When it happened. Wins over the envelope's time.") => instant(meaning).optional();

/** Reads a moment in the source's dialect. */
export const readInstant = (value: unknown, dialect: Dialect): Reading<string> => {
  if (typeof value === "number") return fromEpoch(value);
  if (typeof value !== "string") return refused("wrong-type", "Is neither text nor a number.");
  const text = value.trim();
  const usual = usualInstant(text);
  if (usual !== undefined) return accepted(usual);
  if (/^\d{12,15}$/.test(text)) return fromEpoch(Number(text));
  const written = readCalendar(text, dialect.dateOrder);
  if (isRefusal(written)) return refused(written.code, written.reason);
  const time = readTimeOfDay(written.rest);
  if ("code" in time) return refused(time.code, time.reason);
  return inUtc(`${isoDate(written.date)}T${time.clock}`, time.offset, dialect.timeZone);
};

// 2020-12-31T20:20:01Z or with an offset in hours: what most senders write, read without taking it apart. Days from the 29th on, and
// fractions, are left to the closer look.
const usualInstant = (text: string): string | undefined => {
  if (!USUAL.test(text)) return undefined;
  if (text.charCodeAt(19) === 0x5a) return text;
  const instant = new Date(`${text.slice(0, 19)}Z`).getTime() - Number(text.slice(19, 22)) * 3_600_000;
  return instant < FIRST_YEAR_END ? undefined : `${new Date(instant).toISOString().slice(0, 19)}Z`;
};

const USUAL =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:Z|[+-](?:0\d|1[0-5]):00)$/;
const FIRST_YEAR_END = new Date("0002-01-01T00:00:00Z").getTime();

const EARLIEST_EPOCH = 100_000_000_000;
const LATEST_EPOCH = 253_402_300_799_999;

const fromEpoch = (value: number): Reading<string> =>
  Number.isInteger(value) && value >= EARLIEST_EPOCH && value <= LATEST_EPOCH
    ? accepted(fromMilliseconds(value))
    : refused("not-an-instant", "Is a number, but not epoch milliseconds of 1973 to 9999.");

// As Temporal writes it: without zeros that end a fraction.
const fromMilliseconds = (value: number): string => {
  const text = new Date(value).toISOString();
  if (value % 1000 === 0) return `${text.slice(0, 19)}Z`;
  return value % 100 === 0 ? `${text.slice(0, 21)}Z` : value % 10 === 0 ? `${text.slice(0, 22)}Z` : text;
};

const inUtc = (clock: string, offset: string | undefined, timeZone: string): Reading<string> => {
  const zone = offset ?? (timeZone === "UTC" ? "Z" : undefined);
  if (zone === "Z") return accepted(`${clock}Z`);
  const instant = zone === undefined ? inZone(clock, timeZone) : Temporal.Instant.from(`${clock}${zone}`).toString();
  if (instant === undefined) return refused("unknown-zone", "Has no zone, and the source's time zone is not known.");
  return /^\d/.test(instant) && !instant.startsWith("0000")
    ? accepted(instant)
    : refused("impossible-date", "Is outside the years 1 to 9999 in UTC.");
};

const inZone = (clock: string, timeZone: string): string | undefined => {
  try {
    return Temporal.PlainDateTime.from(clock).toZonedDateTime(timeZone, { disambiguation: "compatible" }).toInstant().toString();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
