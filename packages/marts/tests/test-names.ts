import type { Anomaly, MartTest } from "@jukebase/platform/mart-test.ts";

/** The name of a test that was given none: what is tested, of which mart, of which columns. */
export function nameOf(mart: string, test: MartTest): string {
  return [test.test, mart, ...subjectOf(test)].join("_");
}

/** What holds when the test passes, in a few words. */
export function inWords(test: MartTest): string {
  const words = statement(test);
  return test.where === undefined ? words : `${words}, where ${test.where}`;
}

/** What an anomaly test takes when nothing else is said: 14 days, 3 standard deviations, at least 7 days to compare with. */
export function anomalySettings({ days = 14, sigmas = 3, points = 7, direction = "both" }: Anomaly): {
  readonly days: number;
  readonly sigmas: number;
  readonly points: number;
  readonly direction: "both" | "spike" | "drop";
} {
  return { days, sigmas, points, direction };
}

function subjectOf(test: MartTest): string[] {
  switch (test.test) {
    case "unique":
      return [...test.columns];
    case "relationships":
      return [...test.columns, test.mart];
    case "expression":
      return [slug(test.sql)];
    case "row_count":
      return [];
    case "volume_anomaly":
      return [test.at];
    case "column_anomaly":
      return [test.column, test.measure];
    default:
      return [test.column];
  }
}

const operators: readonly (readonly [RegExp, string])[] = [
  [/<=/g, " at most "],
  [/>=/g, " at least "],
  [/<>|!=/g, " is not "],
  [/=/g, " is "],
  [/</g, " below "],
  [/>/g, " above "],
  [/\+/g, " plus "],
  [/-/g, " minus "],
];

function slug(sql: string): string {
  const said = operators.reduce((text, [operator, word]) => text.replace(operator, word), sql.toLowerCase());
  return said.match(/[a-z0-9]+/g)?.join("_") ?? "sql";
}

function statement(test: MartTest): string {
  switch (test.test) {
    case "unique":
      return `no two rows have the same ${test.columns.join(", ")}`;
    case "not_null":
      return `${test.column} is never null`;
    case "accepted_values":
      return `${test.column} is one of ${test.values.join(", ")}`;
    case "relationships":
      return `${test.columns.join(", ")}, where not null, is ${test.to.join(", ")} of a row in ${test.mart}`;
    case "expression":
      return test.sql;
    case "row_count":
      return rowCount(test);
    case "freshness":
      return `the newest ${test.column} is at most ${duration(test.within_s)} older than the newest event`;
    case "volume_anomaly":
      return `the rows of a day, by ${test.at}, are about as many as ${before(test)}`;
    case "column_anomaly":
      return `${measures[test.measure]} of ${test.column} on a day, by ${test.at}, is about what it was ${before(test)}`;
  }
}

const measures = {
  null_share: "the share of nulls",
  zero_share: "the share of zeros",
  distinct: "the number of different values",
  mean: "the mean",
  sum: "the sum",
  min: "the least value",
  max: "the greatest value",
} as const;

function rowCount({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (max === undefined) return `there are at least ${min} rows`;
  return min === undefined ? `there are at most ${max} rows` : `there are ${min} to ${max} rows`;
}

function before(anomaly: Anomaly): string {
  const { days, sigmas } = anomalySettings(anomaly);
  const which = anomaly.seasonality === "weekday" ? `the last ${days} of the same weekday` : `the ${days} days before`;
  return `on ${which} (within ${sigmas} standard deviations)`;
}

function duration(seconds: number): string {
  for (const [unit, size] of units) if (seconds >= size && seconds % size === 0) return `${seconds / size} ${unit}`;
  return `${seconds} s`;
}

const units = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
] as const;
