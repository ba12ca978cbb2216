import { parseReportQuery } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { findReport, reportingZone, runReport } from "@jukebase/domains/run-report.ts";
import type { LoadSummary } from "@jukebase/events";
import { type Answer, compareTruth, type Difference, type Truth } from "@jukebase/mock-data";
import type { Report, ReportRow } from "@jukebase/platform";
import type { Terminal } from "./terminal.ts";

/** Whether one answer equals the truth, and where it does not (the first ten places). */
export type TruthVerdict = {
  readonly answer: string;
  readonly params: Answer["params"];
  readonly rows: number;
  readonly equal: boolean;
  readonly differences: readonly Difference[];
};

/** Compares the intake's counts and every answer in the truth with what the product says, and prints each verdict. */
export async function againstTruth(
  terminal: Terminal,
  jukebase: Jukebase,
  truth: Truth,
  loaded: LoadSummary,
): Promise<TruthVerdict[]> {
  const zone = await reportingZone(jukebase);
  const verdicts = [verdictOf("intake", {}, countsOf(truth), [countedBy(loaded)], [])];
  for (const [name, answers] of Object.entries(truth.reports)) {
    const report = findReport(jukebase, name);
    for (const { params, rows } of answers) {
      const query = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));
      const answered = await runReport(jukebase, report, parseReportQuery(report, query, zone));
      verdicts.push(verdictOf(name, params, rows, answered.rows, keyOf(report, rows)));
    }
  }
  for (const verdict of verdicts) tell(terminal, verdict);
  return verdicts;
}

function verdictOf(
  answer: string,
  params: Answer["params"],
  expected: readonly ReportRow[],
  actual: readonly ReportRow[],
  key: readonly string[],
): TruthVerdict {
  const differences = compareTruth(expected, actual, key);
  return { answer, params, rows: expected.length, equal: differences.length === 0, differences: differences.slice(0, 10) };
}

// What is not a number tells one row of an answer from another.
function keyOf(report: Report, rows: readonly ReportRow[]): string[] {
  const told = new Set(rows.flatMap((row) => Object.keys(row)));
  return report.columns
    .filter(({ name, type }) => told.has(name) && (type === "text" || type === "date"))
    .map(({ name }) => name);
}

function countsOf({ counts }: Truth): ReportRow[] {
  const quarantined = Object.values(counts.quarantined).reduce((sum, items) => sum + items, 0);
  return [{ received: counts.lines, logged: counts.accepted, duplicates: counts.duplicates, quarantined }];
}

function countedBy({ received, logged, duplicates, quarantined }: LoadSummary): ReportRow {
  return { received, logged, duplicates, quarantined };
}

function tell(terminal: Terminal, { answer, params, rows, equal, differences }: TruthVerdict): void {
  const asked = Object.entries(params).map(([name, value]) => `, ${name}=${String(value)}`);
  terminal.print(`${answer} ${equal ? "✓ equals" : "✗ differs from"} the scenario's truth (${rows} rows${asked.join("")})`);
  for (const { kind, key, column, expected, actual } of differences) {
    terminal.print(
      `    ${kind} at ${key}${column ? `, ${column}` : ""}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`,
    );
  }
}
