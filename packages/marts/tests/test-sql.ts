import { Invalid } from "@jukebase/platform/errors.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { columnsOf, fileOf } from "../define-mart.ts";
import { find, type Node, statementsOf, visit } from "../mart-select.ts";
import { type NamedTest, testsOfMart } from "./named-test.ts";

/**
 * What only all marts together, and the SQL in their tests, can tell. Throws Invalid, naming the file, when a test or reference leads to
 * a mart or column that is not there, two tests share a name, or `where` or an expression is not one condition over the mart's columns.
 */
export async function refuseBrokenTests(marts: readonly Mart[]): Promise<void> {
  const byName = new Map(marts.map((mart) => [mart.name, mart]));
  const seen = new Map<string, Mart>();
  for (const mart of marts) {
    for (const test of testsOfMart(mart)) {
      const twin = seen.get(test.name);
      if (twin !== undefined) throw new Invalid(`${fileOf(mart)}: a test of ${fileOf(twin)} is called ${test.name}, too`);
      seen.set(test.name, mart);
      refuseLostReference(mart, test, byName);
      await refuseBrokenConditions(mart, test);
    }
  }
}

function refuseLostReference(mart: Mart, { name, test }: NamedTest, marts: ReadonlyMap<string, Mart>): void {
  if (test.test !== "relationships") return;
  const target = marts.get(test.mart);
  const where = `${fileOf(mart)}: the test ${name}`;
  if (target === undefined) throw new Invalid(`${where} leads to marts.${test.mart}, which is not among the marts`);
  const known = columnsOf(target).map((column) => column.name);
  const missing = test.to.find((column) => !known.includes(column));
  if (missing !== undefined) throw new Invalid(`${where} leads to ${missing}, which is not a column of marts.${test.mart}`);
}

async function refuseBrokenConditions(mart: Mart, { name, test }: NamedTest): Promise<void> {
  if (test.test === "check") return;
  const conditions = [test.where, test.test === "expression" ? test.sql : undefined];
  for (const sql of conditions) if (sql !== undefined) await refuseBroken(mart, sql, `${fileOf(mart)}: the test ${name}`);
}

// The text is put into a SELECT in brackets: it must not be able to close them, end the statement or read anything else.
async function refuseBroken(mart: Mart, sql: string, where: string): Promise<void> {
  const text = `select ${sql}`;
  const statements = await statementsOf(text, where).catch((cause: Error) => {
    throw new Invalid(`${where}: "${sql}" is no SQL: ${(cause.cause as Error).message}`, { cause });
  });
  const [statement, ...more] = statements.map(({ stmt }) => (stmt as Node).SelectStmt as Node | undefined);
  const [target, ...others] = (statement?.targetList ?? []) as { readonly ResTarget?: Node }[];
  const parts = Object.keys(statement ?? {}).filter((part) => !["targetList", "limitOption", "op"].includes(part));
  const isOne = more.length + others.length + parts.length === 0 && target?.ResTarget !== undefined;
  if (!isOne || target.ResTarget?.name !== undefined)
    throw new Invalid(`${where}: "${sql}" is not one condition over a row's columns`);
  const { readings, unqualified, moments } = find(statement, text);
  if (readings.length + unqualified.length > 0)
    throw new Invalid(`${where}: "${sql}" reads another relation; test that by relationships or by a check`);
  const [moment] = moments;
  if (moment !== undefined) throw new Invalid(`${where}: ${moment.name} changes by itself; test freshness instead`);
  const known = new Set(columnsOf(mart).map((column) => column.name));
  for (const column of columnsIn(statement, mart.name))
    if (!known.has(column)) throw new Invalid(`${where} names ${column}, which is not a column`);
}

function columnsIn(statement: unknown, mart: string): string[] {
  const columns: string[] = [];
  visit(statement, (kind, node) => {
    if (kind !== "ColumnRef") return;
    const names = (node.fields as Node[]).map((field) => (field.String as { sval?: string } | undefined)?.sval ?? "*");
    columns.push((names[0] === mart ? names.slice(1) : names).join("."));
  });
  return columns;
}
