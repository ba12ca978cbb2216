/** The longest text that is tried: it has no room for more than 1,000 keys. */
const longest = 4000;
const openersMax = 32;

/**
 * Reads a JSON text the short way, when it is plain to see that nothing of it is lost or altered; undefined when a closer look is needed.
 * What the value says, written again, has as many quotes as the text: so no key came twice. The text has no escape, no number longer than
 * a double holds, and no room for more keys or levels than are allowed.
 */
export function quickJson(text: string): { readonly value: unknown } | undefined {
  if (text.length > longest || text.includes("\\") || text.includes("__proto__") || !text.isWellFormed()) return undefined;
  const quotes = quotesOf(text);
  if (quotes < 0) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return quotes === 2 * textsIn(value) ? { value } : undefined;
  } catch {
    return undefined; // The closer look says what is broken, and where.
  }
}

const [quote, point, zero, nine, upperE, lowerE, bracket, brace] = [0x22, 0x2e, 0x30, 0x39, 0x45, 0x65, 0x5b, 0x7b];
/** So many digits every double holds. */
const digitsMax = 15;

// How many quotes a text without escapes holds; -1 if a number has an exponent or too many digits, or if there are too many levels.
function quotesOf(text: string): number {
  let [quotes, openers, digits] = [0, 0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if ((char >= zero && char <= nine) || char === point) {
      digits += 1;
      if (digits > digitsMax) return -1;
      continue;
    }
    if (char === quote) {
      at = text.indexOf('"', at + 1);
      if (at < 0) return -1;
      quotes += 2;
    } else if (char === brace || char === bracket) openers += 1;
    else if ((char === lowerE || char === upperE) && digits > 0) return -1;
    digits = 0;
  }
  return openers > openersMax ? -1 : quotes;
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
