import type { Alias, JoinExpr, Node, RangeVar } from "libpg-query";
import { readCondition, readExpression } from "./expression.ts";
import { answerOf } from "./query.ts";
import {
  computed,
  type From,
  type Given,
  nothing,
  type Scope,
  type Source,
  Unmapped,
  union,
  unqualified,
  type Values,
} from "./scope.ts";

/** What a FROM clause brings into sight; each item may refer to those on its left, where it is LATERAL. */
export function readFrom(items: readonly Node[], scope: Scope): From {
  return items.reduce((from, item) => beside(from, itemOf(item, { ...scope, from })), nothing);
}

function itemOf(item: Node, scope: Scope): From {
  if ("RangeVar" in item) return relation(item.RangeVar, scope);
  if ("JoinExpr" in item) return join(item.JoinExpr, scope);
  if ("RangeTableSample" in item) return sample(item.RangeTableSample.relation, item.RangeTableSample, scope);
  if ("RangeSubselect" in item) {
    const { lateral = false, subquery, alias } = item.RangeSubselect;
    const { columns, conditions } = answerOf(subquery, lateral ? scope : { ...scope, from: nothing });
    return { ...nothing, sources: [aliased({ alias: undefined, columns }, alias)], conditions };
  }
  return opaque(item, scope);
}

function relation({ schemaname, relname = "", alias }: RangeVar, scope: Scope): From {
  const cte = schemaname === undefined ? scope.ctes.get(relname) : undefined;
  const table = cte === undefined ? scope.tables(schemaname, relname) : { alias: relname, columns: cte.columns };
  if (table === undefined) throw new Unmapped(`${relname} is not among the relations that the server says are used`);
  return { ...nothing, sources: [aliased(table, alias)], conditions: cte?.conditions ?? new Set() };
}

function sample(item: Node | undefined, whole: object, scope: Scope): From {
  if (item === undefined) throw new Unmapped("TABLESAMPLE of nothing");
  const from = itemOf(item, scope);
  const { relation: _, ...chosenBy } = whole as { readonly relation?: unknown };
  return { ...from, conditions: union(from.conditions, readCondition(chosenBy, scope)) };
}

// A function, JSON_TABLE or XMLTABLE: its columns are made of whatever it is given, and so is the number of its rows.
function opaque(item: Node, scope: Scope): From {
  const [kind = "", body] = Object.entries(item)[0] ?? [];
  if (!["RangeFunction", "JsonTable", "RangeTableFunc"].includes(kind)) throw new Unmapped(`FROM holds a ${kind}`);
  const { alias, functions } = body as { readonly alias?: Alias; readonly functions?: readonly Node[] };
  const { values } = readExpression(item, scope);
  const name = alias?.aliasname ?? functionName(functions);
  const sources = [{ alias: name, columns: [], opaque: computed([values]) }];
  return { ...nothing, sources, conditions: readCondition(item, scope) };
}

function functionName(functions: readonly Node[] = []): string | undefined {
  const [list] = functions;
  const call = list !== undefined && "List" in list ? list.List.items?.[0] : undefined;
  const part = call !== undefined && "FuncCall" in call ? call.FuncCall.funcname?.at(-1) : undefined;
  return part !== undefined && "String" in part ? part.String.sval : undefined;
}

function join(joined: JoinExpr, scope: Scope): From {
  const { larg, rarg, quals, alias, jointype = "JOIN_INNER", join_using_alias: usingAlias } = joined;
  if (larg === undefined || rarg === undefined) throw new Unmapped("a join of one side");
  const left = itemOf(larg, scope);
  const right = itemOf(rarg, { ...scope, from: beside(scope.from, left) });
  const using = texts(joined.usingClause).map((name) => merge(name, jointype, left, right));
  const both = beside(left, right);
  const merged = [...using.map(({ given }) => given), ...without(both.merged, names(using.map(({ given }) => given)))];
  const keys = new Set(using.flatMap(({ compared }) => [...compared.keys()]));
  const on = quals === undefined ? new Set<string>() : readCondition(quals, { ...scope, from: both, outer: scope });
  const conditions = union(both.conditions, keys, on);
  const named = usingAlias?.aliasname;
  const extra = named === undefined ? [] : [{ alias: named, columns: using.map(({ given }) => given) }];
  const from = { sources: [...both.sources, ...extra], merged, conditions };
  return alias === undefined ? from : { ...nothing, sources: [aliased(wholeOf(from), alias)], conditions };
}

function merge(name: string, type: JoinExpr["jointype"], left: From, right: From): { given: Given; compared: Values } {
  const [one, other] = [unqualified(left, name), unqualified(right, name)];
  if (one === undefined || other === undefined) throw new Unmapped(`USING (${name}) names no column`);
  const compared = computed([one, other]);
  const values = type === "JOIN_FULL" ? compared : type === "JOIN_RIGHT" ? other : one;
  return { given: { name, values }, compared };
}

function wholeOf({ merged, sources }: From): Source {
  if (sources.some((source) => source.opaque !== undefined)) throw new Unmapped("a function in a join that has a name");
  const rest = sources.flatMap(({ columns }) => columns);
  return { alias: undefined, columns: [...merged, ...without(rest, names(merged))] };
}

function aliased(source: Source, alias: Alias | undefined): Source {
  const renamed = texts(alias?.colnames);
  const columns = source.columns.map((column, n) => ({ ...column, name: renamed[n] ?? column.name }));
  return { ...source, alias: alias?.aliasname ?? source.alias, columns };
}

function beside(left: From, right: From): From {
  return {
    sources: [...left.sources, ...right.sources],
    merged: [...left.merged, ...right.merged],
    conditions: union(left.conditions, right.conditions),
  };
}

function names(columns: readonly Given[]): ReadonlySet<string> {
  return new Set(columns.map(({ name }) => name));
}

function without(columns: readonly Given[], taken: ReadonlySet<string>): readonly Given[] {
  return columns.filter(({ name }) => !taken.has(name));
}

/** The texts of a list of names. */
export function texts(list: readonly Node[] = []): string[] {
  return list.flatMap((part) => ("String" in part ? [part.String.sval ?? ""] : []));
}
