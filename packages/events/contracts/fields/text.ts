import { z } from "zod";
import { accepted, type Reading, refused } from "../reading.ts";
import { field } from "./field.ts";

const MAX_BYTES = 10_000;
const MAX_NAME_CHARACTERS = 500;

/** Free text, trimmed. A number is taken as it reads: the song 1999 and a telephone number are texts. */
export const text = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: "Text of at most 10,000 bytes without control characters other than tab and line feed; trimmed. Empty means absent.",
    sql: "text",
    form: { name: "text" },
    column: options.column,
    emptyIsAbsent: true,
    read: readText,
  });

/** A name: text short enough to be a key of an index. */
export const name = (meaning: string, options: { readonly column?: string } = {}) =>
  field(z.union([z.string(), z.number()]), {
    meaning,
    rule: "Text of at most 500 characters without control characters other than tab and line feed; trimmed. Empty means absent.",
    sql: "text",
    form: { name: "name" },
    column: options.column,
    emptyIsAbsent: true,
    read: readName,
  });

/** Reads free text; Windows line ends become line feeds. */
export const readText = (value: unknown): Reading<string> => {
  if (typeof value === "number") return readNumber(value);
  if (typeof value !== "string") return refused("wrong-type", "Is not text.");
  if (Buffer.byteLength(value) > MAX_BYTES) return refused("too-long", "Is longer than 10,000 bytes.");
  const trimmed = value.replaceAll("\r\n", "\n").trim();
  if (trimmed === "") return refused("empty", "Is empty.");
  if (/[^\P{Cc}\t\n]/u.test(trimmed) || !trimmed.isWellFormed()) {
    return refused("control-character", "Holds a control or broken character.");
  }
  return accepted(trimmed);
};

const readName = (value: unknown): Reading<string> => {
  const reading = readText(value);
  return reading.ok && reading.value.length > MAX_NAME_CHARACTERS
    ? refused("too-long", `Is longer than ${MAX_NAME_CHARACTERS} characters.`)
    : reading;
};

const readNumber = (value: number): Reading<string> =>
  Number.isFinite(value) && !String(value).includes("e")
    ? accepted(String(value))
    : refused("wrong-type", "Is a number that has no plain text.");
