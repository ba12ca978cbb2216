import type { ColumnRef, FuncCall, Node, SubLink, WindowDef } from "libpg-query";
import { answerOf } from "./query.ts";
import { computed, resolve, type Scope, type Values, wholeRow } from "./scope.ts";

/** What an expression is made of, and the columns that choose the rows of the subqueries in it. */
export type Read = { readonly values: Values; readonly conditions: ReadonlySet<string> };

/** Reads an expression. A bare column keeps what it is; whatever is done to one makes it computed. */
export function readExpression(expression: Node | undefined, scope: Scope): Read {
  if (expression === undefined) return { values: new Map(), conditions: new Set() };
  if ("ColumnRef" in expression) return { values: reference(expression.ColumnRef, scope), conditions: new Set() };
  const found: Found = { values: [], conditions: new Set() };
  walk(expression, scope, found);
  return { values: computed(found.values), conditions: found.conditions };
}

/** Every column in a part of a query that chooses rows: a WHERE, an ON, a GROUP BY. */
export function readCondition(part: unknown, scope: Scope): ReadonlySet<string> {
  const found: Found = { values: [], conditions: new Set() };
  walk(part, scope, found);
  return new Set([...computed(found.values).keys(), ...found.conditions]);
}

/** Whether an expression calls a function that gives rows. */
export function givesRows(part: unknown, scope: Scope): boolean {
  if (part === null || typeof part !== "object") return false;
  return Object.entries(part).some(([kind, inner]) => {
    const called = kind === "FuncCall" ? (inner as FuncCall).funcname?.at(-1) : undefined;
    const name = called !== undefined && "String" in called ? called.String.sval : undefined;
    return scope.rowFunctions.has(name ?? "") || (kind !== "SubLink" && givesRows(inner, scope));
  });
}

/** The names in a column reference: the FROM item's, where it is given, and the column's (undefined for `*`). */
export function namesIn({ fields = [] }: ColumnRef): { readonly alias: string | undefined; readonly column: string | undefined } {
  const names = fields.map((field) => ("String" in field ? field.String.sval : undefined));
  return { alias: names.length > 1 ? names.at(-2) : undefined, column: names.at(-1) };
}

type Found = { readonly values: Values[]; readonly conditions: Set<string> };

function reference(reading: ColumnRef, scope: Scope): Values {
  const { alias, column } = namesIn(reading);
  if (column !== undefined) return resolve(scope, alias, column);
  return wholeRow(scope, alias ?? "");
}

function walk(part: unknown, scope: Scope, found: Found): void {
  if (part === null || typeof part !== "object") return;
  for (const [kind, inner] of Object.entries(part)) {
    if (kind === "ColumnRef") found.values.push(reference(inner as ColumnRef, scope));
    else if (kind === "SubLink") walkSubquery(inner as SubLink, scope, found);
    else {
      if (kind === "FuncCall") walkNamedWindow((inner as FuncCall).over, scope, found);
      walk(inner, scope, found);
    }
  }
}

function walkSubquery({ subselect, subLinkType, testexpr }: SubLink, scope: Scope, found: Found): void {
  walk(testexpr, scope, found);
  const { columns, conditions } = answerOf(subselect, scope);
  const values = columns.map((column) => column.values);
  for (const key of conditions) found.conditions.add(key);
  if (subLinkType !== "EXISTS_SUBLINK") found.values.push(...values);
  else for (const key of computed(values).keys()) found.conditions.add(key);
}

// `over w` and `over (w …)` name a window that stands in the WINDOW clause.
function walkNamedWindow(over: WindowDef | undefined, scope: Scope, found: Found): void {
  const window = scope.windows.get(over?.name ?? over?.refname ?? "");
  if (window === undefined) return;
  walk(window, scope, found);
  walkNamedWindow({ name: window.refname ?? "" }, scope, found);
}
