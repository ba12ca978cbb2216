import { heldExactly } from "./numbers.ts";
import { pathText, positionIn, type Step } from "./places.ts";
import type { ReaderIssue } from "./received.ts";

/** A JSON text is sound (`exact` when JavaScript holds each of its numbers) or has a first flaw. */
export type JsonCheck = { readonly ok: true; readonly exact: boolean } | { readonly ok: false; readonly issue: ReaderIssue };

const maxDepth = 32;
const maxKeys = 1000;

type Walk = {
  readonly text: string;
  readonly path: Step[];
  at: number;
  keys: number;
  exact: boolean;
  issue: ReaderIssue | undefined;
};

/** Walks a JSON text (RFC 8259) and tells its first flaw with path and position, which `JSON.parse` does not. Never throws. */
export function checkJson(text: string): JsonCheck {
  const walk: Walk = { text, path: [], at: 0, keys: 0, exact: true, issue: undefined };
  const sound = value(walk) && ends(walk);
  return sound ? { ok: true, exact: walk.exact } : { ok: false, issue: walk.issue ?? flaw(walk, "broken-json", "Is not JSON.") };
}

function value(walk: Walk): boolean {
  skipSpace(walk);
  const char = walk.text[walk.at];
  if (char === '"') return string(walk) !== undefined;
  if (char === "{") return nested(walk, object);
  if (char === "[") return nested(walk, array);
  if (char === "t") return word(walk, "true");
  if (char === "f") return word(walk, "false");
  if (char === "n") return word(walk, "null");
  return number(walk);
}

function ends(walk: Walk): boolean {
  skipSpace(walk);
  return walk.at === walk.text.length || unexpected(walk, "nothing more");
}

function nested(walk: Walk, read: (walk: Walk) => boolean): boolean {
  if (walk.path.length >= maxDepth) return refuse(walk, "too-deep", `Is nested deeper than ${maxDepth} levels${here(walk)}.`);
  walk.at += 1;
  return read(walk);
}

function object(walk: Walk): boolean {
  const seen = new Set<string>();
  skipSpace(walk);
  if (take(walk, "}")) return true;
  do {
    skipSpace(walk);
    if (walk.text[walk.at] !== '"') return notAKey(walk, seen.size > 0);
    const key = string(walk);
    if (key === undefined || !keyIsAllowed(walk, key, seen)) return false;
    skipSpace(walk);
    if (!take(walk, ":")) return unexpected(walk, 'a colon ":"');
    walk.path.push(key);
    if (!value(walk)) return false;
    walk.path.pop();
    skipSpace(walk);
  } while (take(walk, ","));
  return take(walk, "}") || unexpected(walk, 'a comma "," or the closing "}"');
}

function notAKey(walk: Walk, behindComma: boolean): boolean {
  return behindComma && walk.text[walk.at] === "}" ? trailingComma(walk) : unexpected(walk, "a key in double quotes");
}

function keyIsAllowed(walk: Walk, key: string, seen: Set<string>): boolean {
  walk.path.push(key);
  walk.keys += 1;
  if (seen.has(key)) return refuse(walk, "duplicate-key", `The key is given twice in one object, the second time${here(walk)}.`);
  if (key === "__proto__") return refuse(walk, "forbidden-key", `The key "__proto__" is not allowed${here(walk)}.`);
  if (walk.keys > maxKeys) return refuse(walk, "too-many-keys", `Has more than ${maxKeys} keys.`);
  seen.add(key);
  walk.path.pop();
  return true;
}

function array(walk: Walk): boolean {
  skipSpace(walk);
  if (take(walk, "]")) return true;
  let index = 0;
  do {
    skipSpace(walk);
    if (index > 0 && walk.text[walk.at] === "]") return trailingComma(walk);
    walk.path.push(index);
    if (!value(walk)) return false;
    walk.path.pop();
    index += 1;
    skipSpace(walk);
  } while (take(walk, ","));
  return take(walk, "]") || unexpected(walk, 'a comma "," or the closing "]"');
}

/** Reads a string and gives its text; undefined when it has a flaw. */
function string(walk: Walk): string | undefined {
  const start = walk.at;
  let suspect = false;
  let escaped = false;
  for (walk.at += 1; ; walk.at += 1) {
    const code = walk.text.charCodeAt(walk.at);
    if (code === 0x22) break;
    if (Number.isNaN(code)) return void unexpected(walk, "the closing quote of a string");
    if (code < 0x20) return void control(walk, code);
    if (code === 0x5c) {
      if (!passEscape(walk)) return void refuse(walk, "broken-json", `Holds a backslash that begins no escape${here(walk)}.`);
      escaped = true;
    }
    if (code === 0x5c || (code >= 0xd800 && code <= 0xdfff)) suspect = true;
  }
  walk.at += 1;
  const text = escaped ? (JSON.parse(walk.text.slice(start, walk.at)) as string) : walk.text.slice(start + 1, walk.at - 1);
  return suspect && !storable(walk, text) ? undefined : text;
}

const escapes = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function passEscape(walk: Walk): boolean {
  escapes.lastIndex = walk.at;
  if (!escapes.test(walk.text)) return false;
  walk.at = escapes.lastIndex - 1;
  return true;
}

function control(walk: Walk, code: number): boolean {
  if (code === 0) return refuse(walk, "nul-character", `Holds a NUL character${here(walk)}; no text may.`);
  return refuse(walk, "broken-json", `A string holds a raw line break or control character${here(walk)}; write it as an escape.`);
}

function storable(walk: Walk, text: string): boolean {
  if (text.includes("\0"))
    return refuse(walk, "nul-character", `Holds a NUL character (\\u0000) in the string that ends${here(walk)}.`);
  if (text.isWellFormed()) return true;
  return refuse(walk, "lone-surrogate", `Holds half a character (a lone surrogate) in the string that ends${here(walk)}.`);
}

const numbers = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

function number(walk: Walk): boolean {
  numbers.lastIndex = walk.at;
  if (!numbers.test(walk.text)) return unexpected(walk, "a value");
  if (walk.exact) walk.exact = heldExactly(walk.text.slice(walk.at, numbers.lastIndex));
  walk.at = numbers.lastIndex;
  return true;
}

function word(walk: Walk, expected: string): boolean {
  if (!walk.text.startsWith(expected, walk.at)) return unexpected(walk, "a value");
  walk.at += expected.length;
  return true;
}

function take(walk: Walk, char: string): boolean {
  if (walk.text[walk.at] !== char) return false;
  walk.at += 1;
  return true;
}

function skipSpace(walk: Walk): void {
  let code = walk.text.charCodeAt(walk.at);
  while (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) {
    walk.at += 1;
    code = walk.text.charCodeAt(walk.at);
  }
}

function trailingComma(walk: Walk): boolean {
  return refuse(
    walk,
    "trailing-comma",
    `Has a trailing comma before the "${walk.text[walk.at]}"${here(walk)}; take the comma away.`,
  );
}

function unexpected(walk: Walk, expected: string): boolean {
  const code = walk.text.codePointAt(walk.at);
  // JSON.stringify, so that the sentence stays storable whatever stands there.
  const found = code === undefined ? "the end" : JSON.stringify(String.fromCodePoint(code));
  return refuse(walk, "broken-json", `Is broken JSON: expected ${expected}, found ${found}${here(walk)}.`);
}

function refuse(walk: Walk, code: string, rule: string): false {
  walk.issue = flaw(walk, code, rule);
  return false;
}

const flaw = (walk: Walk, code: string, rule: string): ReaderIssue => ({ path: pathText(walk.path), code, rule });

const here = (walk: Walk): string => ` at ${positionIn(walk.text, walk.at)}`;
