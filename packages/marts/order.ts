import { Invalid } from "@jukebase/platform/errors.ts";

/** What the order needs to know of a mart: its name, the marts beneath it, and for messages the file that says so. */
export type Standing = { readonly name: string; readonly upstream: readonly string[]; readonly file?: string };

/**
 * The marts so that each follows all it reads, equals by name: the order of building and refreshing.
 * Throws Invalid when marts stand on each other, with the path (`a → b → a`), or when one reads a mart that is not there; each with both
 * ends and the files that say so.
 */
export function inOrder<T extends Standing>(marts: readonly T[]): T[] {
  const byName = new Map(marts.map((mart) => [mart.name, mart]));
  const ordered = new Set<T>();
  const place = (mart: T, path: readonly string[]): void => {
    if (path.includes(mart.name)) throw standsOnItself(path, mart.name, byName);
    if (ordered.has(mart)) return;
    for (const name of [...mart.upstream].sort()) place(found(byName, name, mart), [...path, mart.name]);
    ordered.add(mart);
  };
  for (const mart of [...marts].sort((a, b) => (a.name < b.name ? -1 : 1))) place(mart, []);
  return [...ordered];
}

/**
 * The marts in groups that share nothing: marts of one family stand on one another, so they are refreshed at one snapshot and are
 * exact at the same positions. Each family is in order.
 */
export function families<T extends Standing>(marts: readonly T[]): T[][] {
  const family = new Map<string, Set<T>>();
  for (const mart of inOrder(marts)) {
    const joined = new Set<T>([mart]);
    for (const name of mart.upstream) for (const member of family.get(name) ?? []) joined.add(member);
    for (const member of joined) family.set(member.name, joined);
  }
  return [...new Set(family.values())].map((members) => inOrder([...members]));
}

/** The named marts and all they stand on. Throws Invalid when a name is unknown. */
export function withUpstream<T extends Standing>(marts: readonly T[], names: readonly string[]): T[] {
  const byName = new Map(marts.map((mart) => [mart.name, mart]));
  const chosen = new Set<T>();
  const choose = (name: string): void => {
    const mart = byName.get(name);
    if (mart === undefined) throw new Invalid(`There is no mart ${name}. Known: ${[...byName.keys()].sort().join(", ")}`);
    if (chosen.has(mart)) return;
    chosen.add(mart);
    mart.upstream.forEach(choose);
  };
  names.forEach(choose);
  return inOrder([...chosen]);
}

function found<T extends Standing>(byName: ReadonlyMap<string, T>, name: string, reader: T): T {
  const mart = byName.get(name);
  if (mart === undefined) throw new Invalid(`${placed(reader)} reads marts.${name}, which is not among the marts`);
  return mart;
}

function standsOnItself(path: readonly string[], name: string, byName: ReadonlyMap<string, Standing>): Invalid {
  const round = [...path.slice(path.indexOf(name)), name];
  const steps = round.slice(1).map((read, n) => `${placed(byName.get(round[n] ?? "") ?? { name })} reads marts.${read}`);
  return new Invalid(
    `Marts stand on each other: ${round.join(" → ")}. ${steps.join("; ")}. One of them must read something else.`,
  );
}

function placed({ name, file }: Pick<Standing, "name" | "file">): string {
  return file === undefined ? `marts.${name}` : `marts.${name} (${file})`;
}
