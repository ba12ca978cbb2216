import type { CommonTableExpr, Node, SelectStmt, WindowDef } from "libpg-query";
import { givesRows, namesIn, readCondition, readExpression } from "./expression.ts";
import { readFrom, texts } from "./from.ts";
import { type Answer, computed, either, type Given, nothing, type Scope, Unmapped, union } from "./scope.ts";

/** What a query gives, column by column; `around` is where it stands. Throws Unmapped for what cannot be told exactly. */
export function answerOf(query: Node | undefined, around: Scope): Answer {
  if (query === undefined || !("SelectStmt" in query)) throw new Unmapped("a query that is not a SELECT");
  return select(query.SelectStmt, around);
}

function select(statement: SelectStmt, around: Scope): Answer {
  const ctes = new Map(around.ctes);
  for (const { CommonTableExpr: cte } of ctesIn(statement)) {
    ctes.set(cte.ctename ?? "", cteAnswer(cte, { ...around, ctes }, statement.withClause?.recursive ?? false));
  }
  const inside = { ...around, ctes };
  if (statement.op !== undefined && statement.op !== "SETOP_NONE") return combined(statement, inside);
  return statement.valuesLists === undefined ? plain(statement, inside) : listed(statement.valuesLists, inside);
}

function plain(statement: SelectStmt, around: Scope): Answer {
  const inner: Scope = { ...around, from: nothing, windows: windowsIn(statement), outer: around };
  const scope = { ...inner, from: readFrom(statement.fromClause ?? [], inner) };
  const targets = (statement.targetList ?? []).map((target) => targetOf(target, scope));
  const columns = targets.flatMap((target) => target.columns);
  const conditions = new Set(scope.from.conditions);
  for (const target of targets) for (const key of target.conditions) conditions.add(key);
  for (const part of choosing(statement)) for (const key of readCondition(part, scope)) conditions.add(key);
  // DISTINCT without ON compares every column that comes out.
  if (statement.distinctClause !== undefined) for (const key of keysOf(columns)) conditions.add(key);
  return { columns, conditions };
}

// What decides which rows there are. An order matters only where rows are left out by it.
function choosing(statement: SelectStmt): readonly unknown[] {
  const { whereClause, groupClause, havingClause, limitCount, limitOffset, distinctClause, sortClause } = statement;
  const cut = limitCount !== undefined || limitOffset !== undefined || distinctClause !== undefined;
  return [whereClause, groupClause, havingClause, limitCount, limitOffset, distinctClause, cut ? sortClause : undefined];
}

function targetOf(target: Node, scope: Scope): Answer {
  if (!("ResTarget" in target)) throw new Unmapped("a target that is none");
  const { name, val } = target.ResTarget;
  const read = readExpression(val, scope);
  const conditions = givesRows(val, scope) ? union(read.conditions, readCondition(val, scope)) : read.conditions;
  const column = val !== undefined && "ColumnRef" in val ? namesIn(val.ColumnRef).column : undefined;
  return { columns: [{ name: name ?? column ?? "", values: read.values }], conditions };
}

function combined({ larg, rarg, op, all = false, limitCount }: SelectStmt, around: Scope): Answer {
  if (larg === undefined || rarg === undefined) throw new Unmapped("a set operation of one side");
  const [left, right] = [select(larg, around), select(rarg, around)];
  const union = op === "SETOP_UNION";
  const columns = left.columns.map(({ name, values }, n) => {
    return { name, values: union ? either([values, right.columns[n]?.values ?? new Map()]) : values };
  });
  const everyRow = union && all && limitCount === undefined;
  const compared = everyRow ? [] : keysOf([...left.columns, ...right.columns]);
  return { columns, conditions: new Set([...left.conditions, ...right.conditions, ...compared]) };
}

function listed(lists: readonly Node[], around: Scope): Answer {
  const scope = { ...around, from: nothing, outer: around };
  const rows = lists.map((list) => ("List" in list ? (list.List.items ?? []) : []).map((item) => readExpression(item, scope)));
  const columns = (rows[0] ?? []).map((_, n) => {
    return { name: `column${n + 1}`, values: either(rows.map((row) => row[n]?.values ?? new Map())) };
  });
  return { columns, conditions: new Set(rows.flat().flatMap(({ conditions }) => [...conditions])) };
}

function cteAnswer(cte: CommonTableExpr, scope: Scope, recursive: boolean): Answer {
  if (cte.search_clause !== undefined || cte.cycle_clause !== undefined) throw new Unmapped("SEARCH or CYCLE");
  const query = cte.ctequery;
  if (!recursive || query === undefined || !("SelectStmt" in query) || query.SelectStmt.larg === undefined)
    return renamed(answerOf(query, scope), cte);
  // What a recursive query says of itself is the first branch at first; more is added until nothing new is.
  let known = renamed(select(query.SelectStmt.larg, scope), cte);
  for (let before = -1; before !== sizeOf(known); ) {
    before = sizeOf(known);
    known = renamed(answerOf(query, { ...scope, ctes: new Map(scope.ctes).set(cte.ctename ?? "", known) }), cte);
  }
  return known;
}

function renamed({ columns, conditions }: Answer, cte: CommonTableExpr): Answer {
  const given = texts(cte.aliascolnames);
  return { columns: columns.map((column, n) => ({ ...column, name: given[n] ?? column.name })), conditions };
}

function sizeOf({ columns, conditions }: Answer): number {
  const weights = columns.flatMap(({ values }) => [...values.values()].map((how) => (how === "computed" ? 2 : 1)));
  return weights.reduce((sum, weight) => sum + weight, conditions.size);
}

function ctesIn({ withClause }: SelectStmt) {
  return (withClause?.ctes ?? []).filter((one) => "CommonTableExpr" in one);
}

function windowsIn({ windowClause = [] }: SelectStmt): ReadonlyMap<string, WindowDef> {
  return new Map(windowClause.flatMap((one) => ("WindowDef" in one ? [[one.WindowDef.name ?? "", one.WindowDef] as const] : [])));
}

function keysOf(columns: readonly Given[]): readonly string[] {
  return [...computed(columns.map(({ values }) => values)).keys()];
}
