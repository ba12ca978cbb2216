/**
 * One text for one JSON value, whatever the order of its keys: what a body's hash is taken of.
 * Arrays keep their order; undefined members are left out, as in JSON.
 */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") return `{${members(value as Record<string, unknown>).join(",")}}`;
  return JSON.stringify(value) ?? "null";
}

function members(object: Record<string, unknown>): string[] {
  return Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key])}`);
}
