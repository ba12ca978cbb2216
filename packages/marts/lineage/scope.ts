import type { WindowDef } from "libpg-query";

/** Columns by their key (see `keyOf`), and whether the value comes through as it is or is made of them. */
export type Values = ReadonlyMap<string, "same" | "computed">;

/** A column that a query or a FROM item gives. */
export type Given = { readonly name: string; readonly values: Values };

/** What a query gives, and by which columns it chooses, joins and groups its rows. */
export type Answer = { readonly columns: readonly Given[]; readonly conditions: ReadonlySet<string> };

/** One name in FROM. `opaque`: a function's columns are not known one by one; each is made of these. */
export type Source = { readonly alias: string | undefined; readonly columns: readonly Given[]; readonly opaque?: Values };

/** What a FROM clause, or a part of it, brings into sight. `merged`: the columns of JOIN … USING, which have no table's name. */
export type From = {
  readonly sources: readonly Source[];
  readonly merged: readonly Given[];
  readonly conditions: ReadonlySet<string>;
};

/** What names mean at one place of a query; `outer` is the query around it. */
export type Scope = {
  readonly from: From;
  readonly tables: Tables;
  readonly ctes: ReadonlyMap<string, Answer>;
  readonly windows: ReadonlyMap<string, WindowDef>;
  readonly outer: Scope | undefined;
  /** Names of functions that give rows: in a target list they decide how often the other columns come. */
  readonly rowFunctions: ReadonlySet<string>;
  /** Gathers the columns that are used as parts of a whole row: the server does not note them one by one. */
  readonly wholeRows: Set<string>;
};

/** Finds a relation by its name, with or without its schema; undefined when there is none, or more than one. */
export type Tables = (schema: string | undefined, relation: string) => Source | undefined;

/** What a query's text says cannot be told exactly; whoever reads it must not guess. */
export class Unmapped extends Error {
  override readonly name = "Unmapped";
}

/** Nothing in sight. */
export const nothing: From = { sources: [], merged: [], conditions: new Set() };

/** A column as the key of a map. */
export function keyOf(relation: string, column: string): string {
  return `${relation}\n${column}`;
}

/** A key as the column that it means. */
export function columnOf(key: string): { readonly relation: string; readonly column: string } {
  const [relation = "", column = ""] = key.split("\n");
  return { relation, column };
}

/** A column by its name: of the FROM item `alias` when it is named, else of any in sight. Throws Unmapped when it is not one column. */
export function resolve(scope: Scope, alias: string | undefined, name: string): Values {
  for (let here: Scope | undefined = scope; here !== undefined; here = here.outer) {
    const found = alias === undefined ? unqualified(here.from, name) : qualified(here.from, alias, name);
    if (found !== undefined) return found;
  }
  throw new Unmapped(`there is no column ${alias === undefined ? "" : `${alias}.`}${name}`);
}

/** A whole row of one FROM item, `alias.*`, as a value: made of all its columns. Throws Unmapped when there is no such item. */
export function wholeRow(scope: Scope, alias: string): Values {
  for (let here: Scope | undefined = scope; here !== undefined; here = here.outer) {
    const source = here.from.sources.find((one) => one.alias === alias);
    if (source === undefined) continue;
    const values = computed([source.opaque ?? new Map(), ...source.columns.map((column) => column.values)]);
    for (const key of values.keys()) scope.wholeRows.add(key);
    return values;
  }
  throw new Unmapped(`there is no ${alias} in FROM`);
}

/** A column of a FROM clause by its bare name; undefined when there is none. */
export function unqualified(from: From, name: string): Values | undefined {
  const merged = from.merged.find((column) => column.name === name);
  if (merged !== undefined) return merged.values;
  const found = from.sources.flatMap(({ columns }) => columns.filter((column) => column.name === name));
  if (found.length > 1) throw new Unmapped(`${name} is a column of more than one relation`);
  const opaque = from.sources.filter((source) => source.opaque !== undefined);
  return found[0]?.values ?? (opaque.length === 1 ? opaque[0]?.opaque : undefined);
}

function qualified(from: From, alias: string, name: string): Values | undefined {
  const source = from.sources.find((one) => one.alias === alias);
  return source?.columns.find((column) => column.name === name)?.values ?? source?.opaque;
}

/** Keys of one or several sets. */
export function union(...sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return new Set(sets.flatMap((set) => [...set]));
}

/** All values together, each as a part of something computed. */
export function computed(all: readonly Values[]): Values {
  return new Map(all.flatMap((values) => [...values.keys()].map((key) => [key, "computed"] as const)));
}

/** Values of the same column in several branches: what is computed in one of them is computed. */
export function either(all: readonly Values[]): Values {
  const joined = new Map<string, "same" | "computed">();
  for (const [key, how] of all.flatMap((values) => [...values])) {
    if (joined.get(key) !== "computed") joined.set(key, how);
  }
  return joined;
}
