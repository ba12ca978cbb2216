/** One step into a JSON value: a key or an index. */
export type Step = string | number;

const longestPath = 200;

/** A JSON path: `$.DeviceDetails.DevicePrice`, `$.Items[2]["a b"]`. Always storable text, cut after 200 characters. */
export function pathText(steps: readonly Step[]): string {
  const text = `$${steps.map(stepText).join("")}`;
  return text.length <= longestPath ? text : `${text.slice(0, longestPath - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

// JSON.stringify escapes NUL and lone surrogates, which a path must not carry into the database.
function stepText(step: Step): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
}

/** Line and column, both from 1, of an index of a text. */
export function positionIn(text: string, at: number): string {
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  return `line ${line}, column ${at - before.lastIndexOf("\n")}`;
}
