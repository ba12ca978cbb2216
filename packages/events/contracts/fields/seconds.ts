import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { decimalText, MAX_DIGITS, plainDecimal } from "./decimal-text.ts";
import { field } from "./field.ts";

/** A length of time in seconds, as decimal text. */
export const seconds = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: 'Seconds as a number or text (258, "258", 258.5), or minutes and seconds ("4:18", "1:02:03"); not negative; becomes seconds.',
    sql: "numeric",
    form: { name: "seconds" },
    column: options.column,
    read: readSeconds,
  });

/** Reads seconds, or hours, minutes and seconds with colons. */
export const readSeconds = (value: unknown): Reading<string> => {
  if (typeof value !== "number" && typeof value !== "string") return refused("wrong-type", "Is neither a number nor text.");
  const text = String(value).trim();
  const clock = text.length > MAX_DIGITS ? null : CLOCK.exec(text);
  if (clock !== null) return fromClock(clock);
  const plain = plainDecimal(text);
  if (plain === undefined) return refused("not-seconds", "Is neither seconds nor minutes and seconds.");
  return plain.startsWith("-") ? refused("negative", "Is negative.") : accepted(plain);
};

const CLOCK = /^(?:(\d{1,6}):([0-5]\d)|(\d{1,6})):([0-5]\d)(?:\.(\d+))?$/;

const fromClock = ([, hours = "0", minutesOfHour, minutes, rest, fraction = ""]: RegExpExecArray): Reading<string> => {
  const whole = (Number(hours) * 60 + Number(minutesOfHour ?? minutes)) * 60 + Number(rest);
  return accepted(decimalText(false, String(whole), fraction));
};
