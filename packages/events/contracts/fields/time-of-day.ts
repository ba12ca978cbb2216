import type { DateRefusal } from "./calendar.ts";

/** A time of day as HH:MM:SS with up to six digits of a second, and its offset from UTC if it was written ("Z" or ±HH:MM). */
export type TimeOfDay = { readonly clock: string; readonly offset: string | undefined };

/** Reads the time behind a date; none is midnight. Digits past the microsecond, and zeros that end a fraction, are dropped. */
export const readTimeOfDay = (text: string | undefined): TimeOfDay | DateRefusal => {
  if (text === undefined) return { clock: "00:00:00", offset: undefined };
  const parts = text.length > 64 ? null : TIME.exec(text);
  if (parts === null) return { code: "not-an-instant", reason: "What stands behind the date is not a time of day." };
  const [, hour = "", minute = "", second = "00", fraction = "", zone] = parts;
  if (second === "60")
    return {
      code: "leap-second",
      reason: "Is a leap second, which this clock does not have; send second 59 or the next minute.",
    };
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NO_SUCH_TIME;
  const offset = zone === undefined ? undefined : offsetOf(zone);
  if (offset === "none") return NO_SUCH_TIME;
  return { clock: `${hour.padStart(2, "0")}:${minute}:${second}${fractionOf(fraction)}`, offset };
};

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?$/i;

const NO_SUCH_TIME: DateRefusal = { code: "not-an-instant", reason: "Has a time or an offset that no clock shows." };

const offsetOf = (zone: string): string | "none" => {
  if (zone.toUpperCase() === "Z") return "Z";
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const [hours, minutes] = [digits.slice(0, 2), digits.slice(2)];
  return Number(hours) > 15 || Number(minutes) > 59 ? "none" : `${zone[0]}${hours}:${minutes}`;
};

const fractionOf = (digits: string): string => {
  let end = Math.min(digits.length, 6);
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return end === 0 ? "" : `.${digits.slice(0, end)}`;
};
