import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mask } from "@jukebase/platform/mart.ts";
import { literal, quoted } from "../quote.ts";
import type { NamedTest } from "./named-test.ts";
import { bracketed } from "./sql-text.ts";

/** A failing row as text, columns in their order; what tells of natural persons is masked. */
export type FailingRow = Readonly<Record<string, string | null>>;

/** The first rows that a compiled test finds, at most `limit`. Values that the mart holds for sensitive never leave the server. */
export async function failingRows(db: Executor, test: NamedTest, sql: string, limit: number): Promise<FailingRow[]> {
  const rows = await db.query<{ row: string }>(`
    select (
      select json_object_agg("/field"."/name", ${masked(test)} order by "/field"."/place")
      from json_each(to_json("/failing")) with ordinality as "/field" ("/name", "/value", "/place")
    )::text as row
    from (\n${sql}\n) as "/failing"
    limit ${limit}`);
  return rows.map(({ row }) => JSON.parse(row) as FailingRow);
}

// Every value as text: a number of JavaScript could not hold every decimal.
function masked(test: NamedTest): string {
  const value = `"/field"."/value" #>> '{}'`;
  const cases = revealed(test).map(([output, mask]) => `when ${literal(output)} then ${standsFor(mask, test)}`);
  return cases.length === 0 ? value : `case "/field"."/name" ${cases.join(" ")} else ${value} end`;
}

// Which columns of the failing rows show a sensitive column of the mart.
function revealed({ test, masks }: NamedTest): [output: string, mask: Mask][] {
  if (test.test === "freshness") return shown(["newest"], masks[test.column]);
  if (test.test !== "column_anomaly") return Object.entries(masks);
  const showsValues = ["mean", "sum", "min", "max"].includes(test.measure);
  return showsValues ? shown(["figure", "mean", "deviation"], masks[test.column]) : [];
}

function shown(outputs: readonly string[], mask: Mask | undefined): [string, Mask][] {
  return mask === undefined ? [] : outputs.map((output) => [output, mask]);
}

// A mask in SQL needs the mart's other columns, which only whole rows have.
function standsFor(mask: Mask, { test, mart }: Pick<NamedTest, "test" | "mart">): string {
  if (mask.as === "text") return `${literal(mask.text)}::text`;
  if (mask.as === "null" || !wholeRows.has(test.test)) return "null::text";
  return `(select ${bracketed(mask.sql)}::text from (select "/failing".*) as ${quoted(mart ?? "")})`;
}

const wholeRows: ReadonlySet<string> = new Set(["not_null", "accepted_values", "expression", "relationships"]);
