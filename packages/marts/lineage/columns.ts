import type { Executor } from "@jukebase/platform/executor.ts";
import { definitionOf } from "../plan.ts";
import { type Built, registeredMarts } from "../registry.ts";
import { type Definition, definitionsOf } from "./definitions.ts";
import { mapColumns, usedBy } from "./map-columns.ts";
import { type Answer, columnOf } from "./scope.ts";

/** A column that another stands on. `same`: its value unchanged; `computed`: made of it; `condition`: it only decides which rows count. */
export type ColumnOrigin = {
  /** `sales.payment`, `marts.fct_payments`. */
  readonly relation: string;
  readonly column: string;
  readonly how: "same" | "computed" | "condition";
};

/**
 * Where one column of a mart comes from, one step back; each column once, with the closest of its ways. `exact` is false where what makes
 * the column could not be told: then `from` lists all that the mart uses, as computed.
 */
export type ColumnLineage = {
  readonly mart: string;
  readonly column: string;
  readonly from: readonly ColumnOrigin[];
  readonly exact: boolean;
};

/**
 * The lineage of every column of the built marts among `marts`, in their order. Which columns are used is the server's own record
 * (pg_depend on the definition views); which output each goes into comes from the parse tree of the server's text of the view.
 * Kept by each mart's hash, so that only a changed mart is read anew.
 */
export async function columnLineage(db: Executor, marts: readonly { readonly name: string }[]): Promise<ColumnLineage[]> {
  const built = await registeredMarts(db);
  const asked = marts.flatMap(({ name }) => built.filter((mart) => mart.name === name));
  const unread = asked.filter(({ hash }) => !kept.has(hash));
  if (unread.length > 0) await read(db, unread, built);
  return asked.flatMap(({ hash }) => kept.get(hash) ?? []);
}

const kept = new Map<string, readonly ColumnLineage[]>();
const keptMax = 2000;

async function read(db: Executor, marts: readonly Built[], built: readonly Built[]): Promise<void> {
  const definitions = new Map((await definitionsOf(db, marts.map(viewOf))).map((one) => [one.name, one]));
  const stores = new Map(built.map(({ store, name }) => [`marts_store.${store}`, `marts.${name}`]));
  if (kept.size + marts.length > keptMax) kept.clear();
  for (const mart of marts) {
    const definition = definitions.get(viewOf(mart));
    if (definition !== undefined) kept.set(mart.hash, await lineageOf(mart, definition, stores));
  }
}

function viewOf(mart: Built): string {
  return `marts_store.${definitionOf(mart)}`;
}

async function lineageOf(mart: Built, definition: Definition, stores: ReadonlyMap<string, string>): Promise<ColumnLineage[]> {
  const { answer, problem } = await mapColumns(definition);
  const exact = problem === undefined;
  return mart.columns.map((column) => {
    const at = definition.columns.indexOf(column);
    const ways = answer === undefined ? allUsed(definition) : waysInto(answer, at);
    // A column that the SELECT does not give is made by the store itself: a snapshot's validity, say.
    return { mart: mart.name, column, from: at < 0 ? [] : originsOf(ways, stores), exact };
  });
}
type Ways = ReadonlyMap<string, ColumnOrigin["how"]>;

function allUsed(definition: Definition): Ways {
  return new Map([...usedBy(definition)].map((key) => [key, "computed"]));
}

function waysInto({ columns, conditions }: Answer, at: number): Ways {
  const ways = new Map<string, ColumnOrigin["how"]>([...conditions].map((key) => [key, "condition"]));
  for (const [key, how] of columns[at]?.values ?? []) ways.set(key, how);
  return ways;
}

function originsOf(ways: Ways, stores: ReadonlyMap<string, string>): ColumnOrigin[] {
  const origins = [...ways].map(([key, how]) => {
    const { relation, column } = columnOf(key);
    return { relation: stores.get(relation) ?? relation, column, how };
  });
  return origins.sort((a, b) => compare(`${a.relation}.${a.column}`, `${b.relation}.${b.column}`));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
