import type { Mart } from "@jukebase/platform/mart.ts";
import type { Anomaly, MartTest, TestRule } from "@jukebase/platform/mart-test.ts";
import { testsOfMart } from "./named-test.ts";
import { anomalySettings } from "./test-names.ts";

/** What is wrong with a mart's tests and references, as far as the mart alone tells; `columns` are those that it has. */
export function* testProblems(mart: Mart, columns: ReadonlySet<string>): Generator<string, undefined> {
  for (const { columns: from, to, mart: target } of mart.references ?? []) {
    const what = `a reference to ${target}`;
    yield* unknown(what, from, columns);
    if (from.length !== to.length || from.length === 0) yield `${what} names ${from.length} columns for ${to.length}`;
  }
  for (const test of mart.tests ?? []) {
    const what = `the test ${test.name ?? test.test}`;
    yield* unknown(what, columnsNamed(test), columns);
    for (const problem of [...ruleProblems(test), ...kindProblems(test)]) yield `${what} ${problem}`;
  }
  const names = testsOfMart(mart).map(({ name }) => name);
  const twin = names.find((name, n) => names.indexOf(name) !== n);
  if (twin !== undefined) yield `two tests are called ${twin}: give one a name of its own`;
}

function* unknown(what: string, names: readonly string[], columns: ReadonlySet<string>): Generator<string, undefined> {
  for (const name of names) if (!columns.has(name)) yield `${what} names ${name}, which is not a column`;
}

function columnsNamed(test: MartTest): readonly string[] {
  const named = "columns" in test ? test.columns : "column" in test ? [test.column] : [];
  return "at" in test ? [...named, test.at] : named;
}

function ruleProblems({ name, severity, warnFrom, errorFrom }: TestRule): string[] {
  return [
    ...when(name?.trim() === "", "has an empty name"),
    ...when(!(isCount(warnFrom) && isCount(errorFrom)), "needs whole numbers from 1 up for warnFrom and errorFrom"),
    ...when(severity === "warn" && errorFrom !== undefined, "is of severity warn, so errorFrom is never looked at"),
    ...when(severity === "warn" ? false : (warnFrom ?? 1) > (errorFrom ?? Number.POSITIVE_INFINITY), "fails before it warns"),
  ];
}

function kindProblems(test: MartTest): string[] {
  switch (test.test) {
    case "unique":
      return when(test.columns.length === 0, "names no column");
    case "relationships":
      return when(
        test.columns.length !== test.to.length || test.to.length === 0,
        `names ${test.columns.length} columns for ${test.to.length}`,
      );
    case "accepted_values":
      return valueProblems(test.values);
    case "row_count":
      return [
        ...when(test.min === undefined && test.max === undefined, "needs min or max"),
        ...when((test.min ?? 0) > (test.max ?? Number.POSITIVE_INFINITY), "has a min above its max"),
        ...when(![test.min, test.max].every(isRows), "needs whole numbers from 0 up for min and max"),
      ];
    case "freshness":
      return when(!(Number.isFinite(test.within_s) && test.within_s > 0), "needs a within_s above 0");
    case "volume_anomaly":
    case "column_anomaly":
      return anomalyProblems(test);
    default:
      return [];
  }
}

function valueProblems(values: readonly (string | number | boolean)[]): string[] {
  return [
    ...when(values.length === 0, "accepts no value at all"),
    ...when(
      values.some((value) => typeof value === "number" && !Number.isFinite(value)),
      "accepts a number that is none",
    ),
    ...when(
      values.some((value) => typeof value === "string" && value.includes("\0")),
      "accepts a text with a NUL, which no column can hold",
    ),
  ];
}

function anomalyProblems(anomaly: Anomaly): string[] {
  const { days, sigmas, points } = anomalySettings(anomaly);
  return [
    ...when(!isCount(days), "needs a whole number of days from 1 up"),
    ...when(!(Number.isFinite(sigmas) && sigmas > 0), "needs sigmas above 0"),
    ...when(!(isCount(points) && points >= 2 && points <= days), "needs points from 2 up to its days"),
  ];
}

function isCount(count: number | undefined): boolean {
  return count === undefined || (Number.isSafeInteger(count) && count >= 1);
}

function isRows(rows: number | undefined): boolean {
  return rows === undefined || (Number.isSafeInteger(rows) && rows >= 0);
}

function when(wrong: boolean, problem: string): string[] {
  return wrong ? [problem] : [];
}
