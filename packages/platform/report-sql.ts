import { type FragmentSqlToken, sql } from "slonik";
import type { ReportParams } from "./report.ts";

/** The business dates asked for, as a condition on a date column: both ends included. */
export function within(day: FragmentSqlToken, { from, to }: Pick<ReportParams, "from" | "to">): FragmentSqlToken {
  const bounds = [
    ...(from === undefined ? [] : [sql.fragment`${day} >= ${from}::date`]),
    ...(to === undefined ? [] : [sql.fragment`${day} <= ${to}::date`]),
  ];
  return all(bounds);
}

/** The `where column=value` pairs asked for, as a condition; `columns` says what each filter compares. */
export function matching(
  columns: Readonly<Record<string, FragmentSqlToken>>,
  { where }: Pick<ReportParams, "where">,
): FragmentSqlToken {
  const wanted = Object.entries(where).flatMap(([name, value]) => {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    return column === undefined ? [] : [sql.fragment`${column}::text = ${value}`];
  });
  return all(wanted);
}

function all(conditions: readonly FragmentSqlToken[]): FragmentSqlToken {
  if (conditions.length === 0) return sql.fragment`true`;
  return sql.fragment`(${sql.join([...conditions], sql.fragment` and `)})`;
}
