import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { plainDecimal } from "./decimal-text.ts";
import { field } from "./field.ts";

/** Bounds of a number, both inclusive, both optional. */
export type Range = { readonly min?: number; readonly max?: number };

/** An exact number with a fraction, such as a latitude or a size; becomes decimal text. */
export const decimal = (meaning: string, options: Range & { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: `A number, or its plain decimal text, ${inWords(options)}; no exponent, no grouping; kept exactly as decimal text.`,
    sql: "numeric",
    form: { name: "decimal", min: options.min, max: options.max },
    column: options.column,
    read: (value) => readDecimal(value, options),
  });

/** Reads a plain decimal within a range. */
export const readDecimal = (value: unknown, range: Range): Reading<string> => {
  if (typeof value !== "number" && typeof value !== "string") return refused("wrong-type", "Is not a number.");
  const text = plainDecimal(String(value).trim());
  if (text === undefined) return refused("not-a-number", "Is not a plain decimal number.");
  return isWithin(text, range) ? accepted(text) : refused("out-of-range", `Is not ${inWords(range)}.`);
};

/** A range as it is said: "from -90 to 90", "from 1 on". */
export const inWords = ({ min, max }: Range): string => {
  if (min !== undefined && max !== undefined) return `from ${min} to ${max}`;
  if (min !== undefined) return `of ${min} or more`;
  if (max !== undefined) return `of ${max} or less`;
  return "of any size";
};

/** Whether a decimal text lies in a range whose bounds are whole numbers; compares digits, since a float could round onto the bound. */
const isWithin = (text: string, { min, max }: Range): boolean =>
  (min === undefined || compare(text, min) >= 0) && (max === undefined || compare(text, max) <= 0);

const compare = (text: string, bound: number): number => {
  const [whole, fraction] = text.replace("-", "").split(".");
  const sign = text.startsWith("-") ? -1n : 1n;
  const difference = sign * BigInt(whole ?? "0") - BigInt(bound);
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  return fraction === undefined ? 0 : Number(sign);
};
