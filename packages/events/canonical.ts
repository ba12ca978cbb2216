/**
 * One text for one JSON value, whatever the order of its keys: what a body's hash is taken of.
 * Arrays keep their order; undefined members are left out, as in JSON.
 */
export function canonical(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  return ofObject(value as Record<string, unknown>);
}

function ofObject(object: Record<string, unknown>): string {
  let text = "";
  for (const key of sorted(Object.keys(object))) {
    const value = object[key];
    if (value !== undefined) text += `${text === "" ? "" : ","}${quoted(key)}:${canonical(value)}`;
  }
  return `{${text}}`;
}

// Many objects come in order.
function sorted(keys: string[]): string[] {
  for (let n = 1; n < keys.length; n += 1) if ((keys[n - 1] as string) > (keys[n] as string)) return keys.sort();
  return keys;
}

// Most texts need no escape, and to see that is quicker than to write them anew.
function quoted(text: string): string {
  return text.length < 100 && PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

const PLAIN = /^[ !#-[\]-~]*$/;
