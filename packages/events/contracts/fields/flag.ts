import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { field } from "./field.ts";

/** A yes or no. */
export const flag = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.boolean(), z.string(), z.number()]), {
    meaning,
    rule: 'true or false, "true" or "false" in any case, 1 or 0, "1" or "0"; nothing else, not "yes".',
    sql: "boolean",
    form: { name: "flag" },
    column: options.column,
    read: readFlag,
  });

/** Reads a yes or no. */
export const readFlag = (value: unknown): Reading<boolean> => {
  if (typeof value === "boolean") return accepted(value);
  if (typeof value !== "string" && typeof value !== "number") return refused("wrong-type", "Is not true or false.");
  const text = String(value).trim().toLowerCase();
  if (text === "true" || text === "1") return accepted(true);
  if (text === "false" || text === "0") return accepted(false);
  return refused("not-a-flag", "Is not true or false.");
};
