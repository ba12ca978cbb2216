import type { Mart, MartTest } from "@jukebase/platform";

/** A test of a mart, and how it last went. */
export type TestLine = {
  readonly name: string;
  /** The one column it is about; undefined when it is about several, or the whole mart. */
  readonly column: string | undefined;
  readonly severity: "warn" | "error";
  readonly status: "pass" | "warn" | "fail" | "error" | "not run";
  readonly failing_rows: number | null;
  readonly tested_at: string | null;
};

/** The tests that a mart declares, its key first. */
export function testsOf(mart: Mart): readonly TestLine[] {
  const key: MartTest[] = [
    { test: "unique", columns: mart.key },
    ...mart.key.map((column) => ({ test: "not_null" as const, column })),
  ];
  const references = (mart.references ?? []).map((reference): MartTest => ({ test: "relationships", ...reference }));
  return [...key, ...references, ...(mart.tests ?? [])].map((test) => ({
    name: test.name ?? wordsOf(test),
    column: columnIn(test),
    severity: test.severity ?? "error",
    status: "not run",
    failing_rows: null,
    tested_at: null,
  }));
}

function columnIn(test: MartTest): string | undefined {
  if ("column" in test) return test.column;
  return "columns" in test && test.columns.length === 1 ? test.columns[0] : undefined;
}

function wordsOf(test: MartTest): string {
  switch (test.test) {
    case "unique":
      return `unique: ${test.columns.join(", ")}`;
    case "not_null":
      return `not null: ${test.column}`;
    case "accepted_values":
      return `${test.column} is one of ${test.values.join(", ")}`;
    case "relationships":
      return `${test.columns.join(", ")} in ${test.mart} (${test.to.join(", ")})`;
    case "expression":
      return test.sql;
    case "column_anomaly":
      return `${test.measure} of ${test.column} by day`;
    default:
      return test.test.replaceAll("_", " ");
  }
}
