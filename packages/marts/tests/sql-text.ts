import { literal } from "../quote.ts";

/** An instant as SQL, in UTC; null without one. */
export function instant(at: Date | undefined): string {
  return at === undefined ? "null::timestamptz" : `timestamptz ${literal(at.toISOString())}`;
}

/** SQL in brackets, which a comment at its end does not swallow. */
export function bracketed(sql: string): string {
  return sql.includes("--") ? `(${sql}\n)` : `(${sql})`;
}
