import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { inWords, type Range } from "./decimal.ts";
import { plainDecimal } from "./decimal-text.ts";
import { field } from "./field.ts";

const LARGEST = 2 ** 31 - 1;

/** A whole number that fits a Postgres integer, such as a count. */
export const integer = (meaning: string, options: Range & { readonly column?: string } = {}) => {
  const range = { min: options.min ?? -LARGEST, max: options.max ?? LARGEST };
  return field(z.union([z.string(), z.number()]), {
    meaning,
    rule: `A whole number, or its text, ${inWords(range)}.`,
    sql: "integer",
    form: { name: "integer", ...range },
    column: options.column,
    read: (value) => readInteger(value, range),
  });
};

/** Reads a whole number within a range. */
export const readInteger = (value: unknown, range: { readonly min: number; readonly max: number }): Reading<number> => {
  if (typeof value !== "number" && typeof value !== "string") return refused("wrong-type", "Is not a number.");
  const number = Number(plainDecimal(String(value).trim()) ?? Number.NaN);
  if (!Number.isInteger(number)) return refused("not-a-whole-number", "Is not a whole number.");
  return number >= range.min && number <= range.max ? accepted(number) : refused("out-of-range", `Is not ${inWords(range)}.`);
};
