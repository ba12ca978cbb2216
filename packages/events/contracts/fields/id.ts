import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { field } from "./field.ts";

const MAX_CHARACTERS = 255;

/** A natural id, compared as text: 5, "5" and " 5 " are one id. */
export const id = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: 'Text or a whole number of at most 255 characters; becomes trimmed text, so 5 and "5" are one id.',
    sql: "text",
    form: { name: "id" },
    column: options.column,
    read: readId,
  });

/** Reads an id: trimmed text; no control characters, so that it can stand in a key and in a URL. */
export const readId = (value: unknown): Reading<string> => {
  if (typeof value === "number") return readNumber(value);
  if (typeof value !== "string") return refused("wrong-type", "Is neither text nor a whole number.");
  if (PLAIN.test(value)) return accepted(value);
  const text = value.trim();
  if (text === "") return refused("empty", "Is empty.");
  if (text.length > MAX_CHARACTERS) return refused("too-long", `Is longer than ${MAX_CHARACTERS} characters.`);
  if (/\p{Cc}/u.test(text) || !text.isWellFormed()) return refused("control-character", "Holds a control or broken character.");
  return accepted(text);
};

// What nearly every id is: visible ASCII, nothing to trim or to look into.
const PLAIN = /^[!-~]{1,255}$/;

const readNumber = (value: number): Reading<string> =>
  Number.isSafeInteger(value) ? accepted(String(value)) : refused("not-a-whole-number", "Is not a whole number below 2^53.");
