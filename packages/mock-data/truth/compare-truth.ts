import { Decimal } from "decimal.js";

/** Where an answer differs from the truth: a row that is missing or too much, or a column with another value. */
export type Difference = {
  readonly kind: "missing row" | "unexpected row" | "different value";
  readonly key: string;
  readonly column?: string | undefined;
  readonly expected?: unknown;
  readonly actual?: unknown;
};

type Row = Readonly<Record<string, unknown>>;

/**
 * The differences between expected and actual rows, matched by the key columns; none when the answer is right.
 * Only the columns of the expected rows are compared; numbers by value, whether they are written 5, "5" or "5.00".
 * Throws when two rows of one side share a key.
 */
export function compareTruth(
  expectedRows: readonly Row[],
  actualRows: readonly Row[],
  keyColumns: readonly string[],
): Difference[] {
  const expected = byKey(expectedRows, keyColumns);
  const actual = byKey(actualRows, keyColumns);
  const missing = [...expected]
    .filter(([key]) => !actual.has(key))
    .map(([key, row]): Difference => ({ kind: "missing row", key, expected: row }));
  const unexpected = [...actual]
    .filter(([key]) => !expected.has(key))
    .map(([key, row]): Difference => ({ kind: "unexpected row", key, actual: row }));
  const different = [...expected].flatMap(([key, row]) => differencesOf(key, row, actual.get(key) ?? row));
  return [...missing, ...unexpected, ...different];
}

function byKey(rows: readonly Row[], keyColumns: readonly string[]): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const key = keyColumns.map((column) => `${column}=${String(row[column])}`).join(" ");
    if (found.has(key)) throw new Error(`two rows have the key ${key}`);
    found.set(key, row);
  }
  return found;
}

function differencesOf(key: string, expected: Row, actual: Row): Difference[] {
  return Object.keys(expected)
    .filter((column) => !sameValue(expected[column], actual[column]))
    .map((column) => ({ kind: "different value", key, column, expected: expected[column], actual: actual[column] }));
}

function sameValue(expected: unknown, actual: unknown): boolean {
  if (expected === actual) return true;
  return isNumber(expected) && isNumber(actual) && new Decimal(expected).eq(actual);
}

function isNumber(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && /^-?\d+(\.\d+)?$/.test(value));
}
