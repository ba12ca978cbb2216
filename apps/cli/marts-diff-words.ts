import { isDeepStrictEqual } from "node:util";
import { type MartChange, type RowDiff, unifiedDiff } from "@jukebase/marts";

/** What a build would do with one mart, and why, in lines for people. */
export function changeInWords(change: MartChange): string {
  const file = change.file === undefined ? "" : ` (${change.file})`;
  const why = change.why.map(({ says }) => `  ${says}`);
  const difference =
    differenceOf(change)
      ?.split("\n")
      .map((line) => `  ${line}`) ?? [];
  return [`${headings[change.change]} ${change.name}${file}`, ...why, ...difference].join("\n");
}

const headings = { new: "new", changed: "changed", words: "only words or masks", removed: "removed" } as const;

/**
 * The SELECT of a changed mart as built against the one of its source, as `patch` reads it; undefined when it is the same, or when
 * the mart was built before texts were kept: the server tells a SELECT only in words of its own.
 */
export function differenceOf({ change, before, after }: MartChange): string | undefined {
  if (change !== "changed" || before === undefined || after === undefined || before === after) return undefined;
  return unifiedDiff(before, after, { from: "as built", to: "as its source says" });
}

/** How the rows of a mart would differ, in lines for people. */
export function rowsInWords(diff: RowDiff): string {
  const { name, key, rows, columns, added, removed } = diff;
  const by = key.length === 0 ? "compared as a whole" : `by ${key.join(", ")}`;
  const counts = `${rows.same} the same, ${rows.changed} changed, ${rows.missing} missing, ${rows.unexpected} unexpected`;
  const said = [
    ...Object.entries(columns).map(([column, count]) => `${column} differs in ${count}`),
    ...(added.length > 0 ? [`not served yet: ${added.join(", ")}`] : []),
    ...(removed.length > 0 ? [`served no more: ${removed.join(", ")}`] : []),
    ...diff.examples.map((example) => exampleInWords(example, diff)),
  ];
  return [`rows of ${name} (${by}): ${counts}`, ...said.map((line) => `  ${line}`)].join("\n");
}

function exampleInWords({ side, served, computed }: RowDiff["examples"][number], { key, columns }: RowDiff): string {
  const row = served ?? computed ?? {};
  if (side !== "changed") return `${side}: ${inWords(row)}`;
  const where = key.map((column) => [column, row[column]]);
  const differing = Object.keys(columns).filter((column) => !isDeepStrictEqual(served?.[column], computed?.[column]));
  const values = differing.map((column) => `${column} ${shown(served?.[column])} → ${shown(computed?.[column])}`);
  return `changed: ${inWords(Object.fromEntries(where))}: ${values.length === 0 ? "in masked columns" : values.join(", ")}`;
}

function inWords(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row)
    .map(([column, value]) => `${column}=${shown(value)}`)
    .join(" ");
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
