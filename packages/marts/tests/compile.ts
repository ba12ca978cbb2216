import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { renameReadings } from "../mart-select.ts";
import { listed, literal, quoted } from "../quote.ts";
import { compileAnomaly } from "./compile-anomaly.ts";
import type { NamedTest } from "./named-test.ts";
import { bracketed, instant } from "./sql-text.ts";

/** Where a test finds what it reads, and which moment it takes for the present. */
export type Ground = {
  /** The relation, as SQL, in which a mart's rows stand. */
  readonly where: (mart: string) => string;
  /** Where a relation that is no mart stands, for checks; undefined for its own name. */
  readonly whereElse: (schema: string, relation: string) => string | undefined;
  /** The instant of the newest event; without one nothing is stale and no day is judged. */
  readonly reference: Date | undefined;
};

/** A mart under its public name. */
export function publicly(mart: string): string {
  return quoted(`marts.${mart}`);
}

/** Everything under its public name. */
export function publicGround(reference: Date | undefined): Ground {
  return { where: publicly, whereElse: () => undefined, reference };
}

/** The relation that a test looks at, as SQL; it is called as the mart or seed is. */
export function relationOf({ mart, seed }: Subject, { where, whereElse }: Ground): string {
  if (mart !== undefined) return `${where(mart)} as ${quoted(mart)}`;
  const name = seed ?? "";
  return `${whereElse("seeds", name) ?? quoted(`seeds.${name}`)} as ${quoted(name)}`;
}

/** The test as one SELECT whose rows are the failing ones. */
export function compileTest({ test, ...subject }: Subject & Pick<NamedTest, "test">, ground: Ground): string {
  if (test.test === "check") return renameReadings(test.select, (schema, relation) => elsewhere(schema, relation, ground));
  const name = subject.mart ?? subject.seed ?? "";
  const relation = relationOf(subject, ground);
  const fails = failsWhen(name, test, ground);
  if (fails !== undefined) return `select *\nfrom ${relation}\nwhere ${fails}`;
  switch (test.test) {
    case "unique":
      return duplicates(name, relation, test.columns, test.where);
    case "row_count":
      return rowCount(relation, test);
    case "freshness":
      return staleness(name, relation, test, ground.reference);
    case "volume_anomaly":
    case "column_anomaly":
      return compileAnomaly(name, relation, test, ground.reference);
    default:
      throw new Error(`${test.test} is decided row by row`);
  }
}

type Subject = Pick<NamedTest, "mart" | "seed">;

/** The condition under which a single row fails; undefined for tests that look at more than one. Such conditions share one pass. */
export function failsWhen(name: string, test: NamedTest["test"], { where }: Pick<Ground, "where">): string | undefined {
  if (test.test === "check") return undefined;
  const fails = rowFails(name, test, where);
  return fails === undefined || test.where === undefined ? fails : `${bracketed(test.where)} and ${fails}`;
}

function elsewhere(schema: string, relation: string, { where, whereElse }: Ground): string | undefined {
  if (schema !== "marts") return whereElse(schema, relation);
  const found = where(relation);
  return found === publicly(relation) ? undefined : found;
}

/** The kinds that are decided row by row without looking elsewhere: all of a mart's can be counted in one pass. */
export const inOnePass: ReadonlySet<string> = new Set(["not_null", "accepted_values", "expression"]);

function rowFails(mart: string, test: MartTest, where: Ground["where"]): string | undefined {
  switch (test.test) {
    case "not_null":
      return `${column(mart, test.column)} is null`;
    case "accepted_values":
      return `${column(mart, test.column)} not in (${test.values.map(value).join(", ")})`;
    case "expression":
      return `not ${bracketed(test.sql)}`;
    case "relationships":
      return orphaned(mart, test, where);
    default:
      return undefined;
  }
}

function orphaned(mart: string, test: MartTest & { readonly test: "relationships" }, where: Ground["where"]): string {
  const set = test.columns.map((name) => `${column(mart, name)} is not null`);
  const same = test.to.map((name, n) => `${column("/parent", name)} = ${column(mart, test.columns[n] ?? "")}`);
  return `${set.join(" and ")} and not exists (
  select from ${where(test.mart)} as "/parent" where ${same.join(" and ")}
)`;
}

// As the server understands a unique constraint: rows that lack one of the values are not compared.
function duplicates(mart: string, relation: string, columns: readonly string[], where: string | undefined): string {
  const set = columns.map((name) => `${column(mart, name)} is not null`);
  return `select ${listed(columns)}, count(*) as rows
from ${relation}
where ${[...condition(where), ...set].join(" and ")}
group by ${listed(columns)}
having count(*) > 1`;
}

function rowCount(relation: string, { min, max, where }: MartTest & { readonly test: "row_count" }): string {
  const outside = [min === undefined ? [] : [`rows < ${min}`], max === undefined ? [] : [`rows > ${max}`]].flat();
  return `select rows
from (
  select count(*) as rows from ${relation}${filter(where)}
) as counted
where ${outside.join(" or ")}`;
}

// A date is as fresh as the end of its day.
function staleness(
  mart: string,
  relation: string,
  test: MartTest & { readonly test: "freshness" },
  reference: Date | undefined,
): string {
  return `select newest, reference, within_s
from (
  select
    max(${column(mart, test.column)}) as newest,
    ${instant(reference)} as reference,
    ${test.within_s} as within_s
  from ${relation}${filter(test.where)}
) as found
where reference - platform.latest_instant(newest) > make_interval(secs => within_s)`;
}

function filter(where: string | undefined): string {
  return where === undefined ? "" : `\n  where ${bracketed(where)}`;
}

function condition(where: string | undefined): string[] {
  return where === undefined ? [] : [bracketed(where)];
}

function column(relation: string, name: string): string {
  return listed([name], quoted(relation));
}

function value(accepted: string | number | boolean): string {
  return typeof accepted === "string" ? literal(accepted) : String(accepted);
}
