import { Invalid } from "@jukebase/platform";
import type { Step } from "../sources/places.ts";
import { parseLiteral } from "./literal.ts";
import type { Instruction, Place, Program } from "./program.ts";

const longest = 10_000;
const most = 100;
const deepest = 32;

/**
 * Reads a mending program: instructions separated by ";" or line ends, each one of
 * `set PLACE = VALUE [if missing]`, `rename PLACE to PLACE [if missing]`, `copy PLACE to PLACE [if missing]`, `remove PLACE`,
 * `replace PLACE "old" with "new"`. A place is `$.data.Name`, `$.data["any name"]` or `$.data.Items[0]`; a value is JSON.
 * Throws `Invalid` that names the position. Reads from left to right once: no text makes it slow.
 */
export function parseProgram(text: string): Program {
  if (text.length > longest) throw new Invalid(`The expression is longer than ${longest} characters.`);
  const reader: Reader = { text, at: 0 };
  const program: Instruction[] = [];
  for (skip(reader, between); reader.at < text.length; skip(reader, between)) {
    program.push(instruction(reader));
    skip(reader, blank);
    if (reader.at < text.length && !between.has(text[reader.at] as string)) throw expected(reader, '";" or the end');
    if (program.length > most) throw new Invalid(`The expression has more than ${most} instructions.`);
  }
  if (program.length === 0) throw new Invalid(`The expression says nothing. For example: ${example}`);
  return program;
}

type Reader = { readonly text: string; at: number };

const example = 'set $.data.Currency = "EUR"; rename $.data.Amount to $.data.PaymentAmount';
const blank = new Set([" ", "\t"]);
const between = new Set([" ", "\t", "\n", "\r", ";"]);

function instruction(reader: Reader): Instruction {
  const verb = word(reader);
  if (verb === "set") {
    const at = place(reader);
    symbol(reader, "=");
    return { does: "set", at, value: value(reader), onlyIfMissing: ifMissing(reader) };
  }
  if (verb === "rename" || verb === "copy") {
    const from = place(reader);
    keyword(reader, "to");
    return { does: verb, from, to: place(reader), onlyIfMissing: ifMissing(reader) };
  }
  if (verb === "remove") return { does: "remove", at: place(reader) };
  if (verb === "replace") {
    const at = place(reader);
    const old = text(reader);
    if (old === "") throw expected(reader, "a text that is not empty before this: every place holds an empty text");
    keyword(reader, "with");
    return { does: "replace", at, old, by: text(reader) };
  }
  reader.at -= verb.length;
  throw expected(reader, "set, rename, copy, remove or replace");
}

function place(reader: Reader): Place {
  symbol(reader, "$");
  const steps: Step[] = [];
  for (let next = step(reader); next !== undefined; next = step(reader)) {
    if (next === "__proto__") throw new Invalid('No place is called "__proto__".');
    steps.push(next);
    if (steps.length > deepest) throw new Invalid(`A place lies at most ${deepest} steps deep.`);
  }
  if (steps.length === 0) throw expected(reader, 'a step into the event, for example ".data.Currency"');
  return steps;
}

function step(reader: Reader): Step | undefined {
  const sign = reader.text[reader.at];
  if (sign === ".") {
    reader.at += 1;
    return take(reader, /[A-Za-z_][\w-]*/y) ?? fail(reader, "a name");
  }
  if (sign !== "[") return undefined;
  reader.at += 1;
  const index = take(reader, /\d{1,6}/y);
  const found = index === undefined ? text(reader) : Number(index);
  symbol(reader, "]");
  return found;
}

function ifMissing(reader: Reader): boolean {
  skip(reader, blank);
  if (take(reader, /if\b/y) === undefined) return false;
  keyword(reader, "missing");
  return true;
}

function text(reader: Reader): string {
  skip(reader, blank);
  const start = reader.at;
  const found = reader.text[start] === '"' ? value(reader) : undefined;
  return typeof found === "string" ? found : fail(reader, 'a text in double quotes, for example "EUR"');
}

function value(reader: Reader): unknown {
  skip(reader, blank);
  const literal = parseLiteral(reader.text, reader.at);
  if (!literal.ok) throw expected(reader, `a JSON value (a text stands in double quotes); ${literal.why}`);
  reader.at = literal.end;
  return literal.value;
}

function word(reader: Reader): string {
  return take(reader, /[A-Za-z]+/y) ?? fail(reader, "set, rename, copy, remove or replace");
}

function keyword(reader: Reader, wanted: string): void {
  skip(reader, blank);
  if (take(reader, /[A-Za-z]+/y) !== wanted) fail(reader, `"${wanted}"`);
}

function symbol(reader: Reader, wanted: string): void {
  skip(reader, blank);
  if (reader.text[reader.at] !== wanted) fail(reader, `"${wanted}"`);
  reader.at += 1;
}

// Each pattern is one run of one class, so it ends where the run ends.
function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

function skip(reader: Reader, signs: ReadonlySet<string>): void {
  while (signs.has(reader.text[reader.at] as string)) reader.at += 1;
}

function fail(reader: Reader, wanted: string): never {
  throw expected(reader, wanted);
}

function expected({ text: all, at }: Reader, wanted: string): Invalid {
  const found = at >= all.length ? "the end" : JSON.stringify(all.slice(at, at + 20));
  return new Invalid(`The expression cannot be read at character ${at + 1}: expected ${wanted}, found ${found}.`);
}
