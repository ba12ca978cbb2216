import type { FailingRow, MartTestOutcome, TestResult, TestStatus } from "@jukebase/marts";

/** Tests for people: a line for each mart, and beneath it what did not pass, with a few of the failing rows. */
export function testListing(results: readonly TestResult[]): string[] {
  const grouped = Map.groupBy(results, ({ mart, seed }) => mart ?? (seed === undefined ? "checks" : `seed ${seed}`));
  return [...grouped].flatMap(([name, tests]) => [
    `${marks[worst(tests)]} ${name}: ${counted(tests.map(({ status }) => status))}`,
    ...tests.filter(({ status }) => status !== "pass").flatMap(detail),
  ]);
}

/** How all tests went, in one line. */
export function testTotals({ totals, results }: MartTestOutcome): string {
  const parts = statuses.filter((status) => totals[status] > 0).map((status) => `${totals[status]} ${said[status]}`);
  const left = totals.not_run > 0 ? [`${totals.not_run} not run`] : [];
  return `${results.length + totals.not_run} tests: ${[...parts, ...left].join(", ") || "none to run"}.`;
}

const statuses = ["error", "fail", "warn", "pass"] as const satisfies readonly TestStatus[];
const marks = { error: "✗", fail: "✗", warn: "!", pass: "✓" } as const;
const said = { error: "could not be run", fail: "fail", warn: "warn", pass: "pass" } as const;

/** So many failing rows of a test are printed; the console has more. */
const printed_max = 3;

function worst(tests: readonly TestResult[]): TestStatus {
  return statuses.find((status) => tests.some((test) => test.status === status)) ?? "pass";
}

function counted(found: readonly TestStatus[]): string {
  const counts = statuses.map((status) => [status, found.filter((one) => one === status).length] as const);
  return counts.flatMap(([status, count]) => (count > 0 ? [`${count} ${said[status]}`] : [])).join(", ");
}

function detail({ name, status, severity, rows, error, examples, words }: TestResult): string[] {
  const found = error ?? `${rows} ${rows === 1 ? "row" : "rows"} (severity ${severity})`;
  const shown = examples.slice(0, printed_max);
  return [
    `  ${marks[status]} ${name}: ${found}`,
    ...(words === name ? [] : [`      holds when ${words.replaceAll("\n", " ")}`]),
    ...shown.map((row) => `      ${written(row)}`),
  ];
}

function written(row: FailingRow): string {
  return Object.entries(row)
    .map(([column, value]) => `${column}=${value ?? "null"}`)
    .join(" ");
}
