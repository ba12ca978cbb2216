/** The longest text that is tried: it has no room for more than 1,000 keys. */
const longest = 4000;
const openersMax = 32;

/**
 * Reads a JSON text the short way, when it is plain to see that nothing of it is lost or altered; undefined when a closer look is needed.
 * What the value says, written again, has as many quotes as the text: so no key came twice. The text has no escape, no number longer than
 * a double holds, and no room for more keys or levels than are allowed.
 */
export function quickJson(text: string): { readonly value: unknown } | undefined {
  if (text.length > longest || text.includes("\\") || text.includes("__proto__") || DELICATE.test(text)) return undefined;
  if (!text.isWellFormed() || openersOf(text) > openersMax) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return countOf(text, '"') === 2 * textsIn(value) ? { value } : undefined;
  } catch {
    return undefined; // The closer look says what is broken, and where.
  }
}

// A number with an exponent, or with more digits than every double holds.
const DELICATE = /(?:^|[:[,])\s*-?(?:[\d.]{16}|[\d.]+[eE])/;

function openersOf(text: string): number {
  return countOf(text, "{") + countOf(text, "[");
}

function countOf(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}

/** How many texts a value holds, keys among them. */
function textsIn(value: unknown): number {
  if (typeof value === "string") return 1;
  if (value === null || typeof value !== "object") return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value) count += textsIn(element);
    return count;
  }
  for (const key in value) count += 1 + textsIn((value as Record<string, unknown>)[key]);
  return count;
}
