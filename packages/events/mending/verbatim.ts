/**
 * Parses a JSON text that `parseExact` has found sound, so that `JSON.stringify` writes every number again digit by digit as it stood:
 * 1.10 stays 1.10, and what no double holds stays whole. Such a number is a box; `numberText` tells it from other values.
 */
export function parseVerbatim(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== "number" || context?.source === undefined || String(value) === context.source) return value;
    return json.rawJSON(context.source);
  });
}

/** The text of a number, boxed or plain; undefined for any other value. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return json.isRawJSON(value) ? (value as { readonly rawJSON: string }).rawJSON : undefined;
}

// In the language since ES2025; the compiler's library does not describe them yet.
const json = JSON as unknown as {
  readonly rawJSON: (text: string) => unknown;
  readonly isRawJSON: (value: unknown) => boolean;
};
