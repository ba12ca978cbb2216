import { checkJson } from "./json-check.ts";
import { heldExactly } from "./numbers.ts";
import { quickJson } from "./quick-json.ts";
import type { ReaderIssue } from "./received.ts";

/** What reading one JSON text gave. */
export type Parsed = { ok: true; value: unknown } | { ok: false; issue: ReaderIssue };

/**
 * Reads one JSON text without losing anything: a number that JavaScript would round becomes its text, and what would be dropped
 * or refused later is refused here, with its place: repeated keys, `__proto__`, NUL, lone surrogates, more than 32 levels, more than
 * 1,000 keys. Never throws.
 */
export function parseExact(text: string): Parsed {
  const quick = quickJson(text);
  return quick ? { ok: true, value: quick.value } : parseClosely(text);
}

/** The same without the short way, which must agree with it. */
export function parseClosely(text: string): Parsed {
  const check = checkJson(text);
  if (!check.ok) return check;
  return { ok: true, value: check.exact ? JSON.parse(text) : JSON.parse(text, keepExact) };
}

function keepExact(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" && context?.source !== undefined && !heldExactly(context.source) ? context.source : value;
}
