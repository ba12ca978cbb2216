import { parse } from "libpg-query";
import type { Definition } from "./definitions.ts";
import { answerOf } from "./query.ts";
import { type Answer, keyOf, nothing, type Scope, type Tables, Unmapped, union } from "./scope.ts";

/** What a view's columns are made of, or why that cannot be told exactly. */
export type Mapping =
  | { readonly answer: Answer; readonly problem?: undefined }
  | { readonly answer?: undefined; readonly problem: string };

/**
 * Maps each column of a view to what it is made of, through the parse tree of its query. What comes out names only columns that the server
 * says are used; anything else is a problem, not a guess.
 */
export async function mapColumns(definition: Definition): Promise<Mapping> {
  const wholeRows = new Set<string>();
  try {
    const [statement] = (await parse(definition.query)).stmts ?? [];
    const answer = answerOf(statement?.stmt, scopeOf(definition, wholeRows));
    const problem = contradiction(answer, definition, wholeRows);
    return problem === undefined ? { answer } : { problem };
  } catch (failure) {
    if (failure instanceof Unmapped) return { problem: failure.message };
    throw failure;
  }
}

/** The keys of all columns that a view's query names. */
export function usedBy({ relations }: Definition): ReadonlySet<string> {
  const used = relations.flatMap(({ schema, relation, columns }) =>
    columns.filter((column) => column.used).map(({ name }) => keyOf(`${schema}.${relation}`, name)),
  );
  return new Set(used);
}

function scopeOf({ relations, rowFunctions }: Definition, wholeRows: Set<string>): Scope {
  const tables: Tables = (schema, relation) => {
    const [found, ...more] = relations.filter((one) => one.relation === relation && (schema ?? one.schema) === one.schema);
    if (found === undefined || more.length > 0) return undefined;
    const name = `${found.schema}.${relation}`;
    const columns = found.columns.map((column) => ({
      name: column.name,
      values: new Map([[keyOf(name, column.name), "same"]] as const),
    }));
    return { alias: relation, columns };
  };
  return {
    from: nothing,
    tables,
    ctes: new Map(),
    windows: new Map(),
    outer: undefined,
    rowFunctions: new Set(rowFunctions),
    wholeRows,
  };
}

// The server's own record decides: a mapping that says more than it is wrong, wherever the mistake lies.
function contradiction(answer: Answer, definition: Definition, wholeRows: ReadonlySet<string>): string | undefined {
  const [given, wanted] = [answer.columns.length, definition.columns.length];
  if (given !== wanted) return `${given} columns were found where the view has ${wanted}`;
  const used = union(usedBy(definition), wholeRows);
  const named = [...answer.columns.flatMap(({ values }) => [...values.keys()]), ...answer.conditions];
  const strange = named.find((key) => !used.has(key));
  return strange === undefined ? undefined : `${strange.replace("\n", ".")} is not used, says the server`;
}
