import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { field } from "./field.ts";
import { isCurrency } from "./iso-4217.ts";

/** The currency of the amount beside it. */
export const currency = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.string(), {
    meaning,
    rule: "Three letters of ISO 4217, in any case; becomes upper case. Where absent: what the amount's sign says, else the source's currency.",
    sql: "text",
    form: { name: "currency" },
    column: options.column,
    read: readCurrency,
  });

/** Reads a currency code. */
export const readCurrency = (value: unknown): Reading<string> => {
  if (typeof value !== "string") return refused("wrong-type", "Is not text.");
  const code = value.trim().toUpperCase();
  return code.length === 3 && isCurrency(code) ? accepted(code) : refused("unknown-currency", "Is not a currency of ISO 4217.");
};
