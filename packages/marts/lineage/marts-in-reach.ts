import type { ColumnQuestion } from "./column-paths.ts";

/** What is known of a mart's place among others. */
type Reading = { readonly name: string; readonly reads: Readonly<Record<string, string | null>> };

/** The marts whose columns may lie on a path that is asked for: only of these the columns need to be read. */
export function martsInReach<T extends Reading>(
  marts: readonly T[],
  { mart, direction, depth }: Pick<ColumnQuestion, "mart" | "direction" | "depth">,
): T[] {
  const byName = new Map(marts.map((one) => [one.name, one]));
  const beneath = (name: string): string[] =>
    Object.keys(byName.get(name)?.reads ?? {}).flatMap((relation) =>
      relation.startsWith("marts.") ? [relation.slice("marts.".length)] : [],
    );
  const readers = new Map<string, string[]>();
  for (const { name } of marts) for (const read of beneath(name)) readers.set(read, [...(readers.get(read) ?? []), name]);
  const reached = new Set([mart]);
  if (direction !== "downstream") spread(mart, beneath, depth, reached);
  if (direction !== "upstream") spread(mart, (name) => readers.get(name) ?? [], depth, reached);
  return marts.filter(({ name }) => reached.has(name));
}

function spread(from: string, next: (name: string) => readonly string[], depth: number, reached: Set<string>): void {
  const seen = new Set([from]);
  for (let at = [from], far = 0; at.length > 0 && far < depth; far += 1) {
    at = [...new Set(at.flatMap(next))].filter((name) => !seen.has(name));
    for (const name of at) {
      seen.add(name);
      reached.add(name);
    }
  }
}
