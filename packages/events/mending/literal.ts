import { parseExact } from "../sources/index.ts";
import { parseVerbatim } from "./verbatim.ts";

/** A JSON value inside a longer text, and where it ends; or why there is none. */
export type Literal =
  | { readonly ok: true; readonly value: unknown; readonly end: number }
  | { readonly ok: false; readonly why: string };

/** Reads the one JSON value that begins at `at`, by the rules that hold for events. */
export function parseLiteral(text: string, at: number): Literal {
  const end = endOf(text, at);
  const literal = text.slice(at, end);
  const checked = parseExact(literal);
  return checked.ok ? { ok: true, value: parseVerbatim(literal), end } : { ok: false, why: checked.issue.rule };
}

// A text ends at its quote, a list or object where its brackets close, anything else at a blank or separator.
function endOf(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const sign = text[at] as string;
    if (sign === '"') at = quoteEnd(text, at);
    else if (sign === "{" || sign === "[") depth += 1;
    else if (sign === "}" || sign === "]") depth -= 1;
    else if (depth === 0 && " \t\r\n;".includes(sign)) return at;
    if (depth === 0 && (sign === '"' || sign === "}" || sign === "]")) return at + 1;
  }
  return text.length;
}

function quoteEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === '"') return at;
  }
  return text.length;
}
