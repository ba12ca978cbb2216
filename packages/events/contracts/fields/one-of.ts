import { z } from "zod";
import { accepted, refused } from "../reading.ts";
import { field } from "./field.ts";

/** One word of a closed list, spelt exactly so. */
export const oneOf = <const V extends readonly [string, ...string[]]>(
  meaning: string,
  values: V,
  options: { readonly column?: string } = {},
) =>
  field(z.enum(values), {
    meaning,
    rule: `One of ${values.join(", ")}; spelt exactly so.`,
    sql: "text",
    form: { name: "oneOf", values },
    column: options.column,
    read: (value) =>
      typeof value === "string" && values.includes(value)
        ? accepted(value)
        : refused("not-in-list", `Is not one of ${values.join(", ")}.`),
  });
