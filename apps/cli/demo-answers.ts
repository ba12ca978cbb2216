import { parseReportQuery, type Query, terminalTable } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { findReport, reportingZone, runReport } from "@jukebase/domains/run-report.ts";
import type { ReportRow } from "@jukebase/platform";
import type { Terminal } from "./terminal.ts";

/** What the demo shows: a report, how it is asked, and how many of its last periods; `future`: up to the last day only on which cash came in. */
type Shown = { readonly report: string; readonly query: Query; readonly periods?: number; readonly future?: false };

const shown: readonly Shown[] = [
  { report: "total-sales", query: { grain: "all" } },
  { report: "product-sales", query: { grain: "month" }, periods: 2 },
  { report: "agent-rewards", query: {}, periods: 1 },
  { report: "cash-received", query: { grain: "month" }, periods: 6 },
  { report: "cash-spent", query: { grain: "month" }, periods: 6 },
  { report: "cash-expected", query: { grain: "month" }, periods: 6, future: false },
  { report: "cash-forecast", query: { grain: "month", horizon: "3" }, periods: 3 },
];

/** Prints the answers in short. */
export async function showAnswers(terminal: Terminal, jukebase: Jukebase): Promise<void> {
  if (terminal.json) return;
  const ask = await asker(jukebase);
  const lastDay = (await ask("cash-received", { grain: "day" })).at(-1)?.period;
  for (const { report: name, query, periods, future } of shown) {
    const report = findReport(jukebase, name);
    const rows = await ask(name, future === false ? { ...query, to: lastDay } : query);
    terminal.print(`\n${report.title} (${name})`);
    terminal.print(
      terminalTable({
        fields: report.columns,
        rows: periods === undefined ? rows : lastPeriods(rows, report.columns[0]?.name ?? "", periods),
      }).trimEnd(),
    );
  }
  terminal.print();
}

async function asker(jukebase: Jukebase): Promise<(name: string, query: Query) => Promise<readonly ReportRow[]>> {
  const zone = await reportingZone(jukebase);
  return async (name, query) => {
    const report = findReport(jukebase, name);
    return (await runReport(jukebase, report, parseReportQuery(report, query, zone))).rows;
  };
}

function lastPeriods(rows: readonly ReportRow[], column: string, periods: number): readonly ReportRow[] {
  const last = [...new Set(rows.map((row) => String(row[column])))].sort().slice(-periods);
  return rows.filter((row) => last.includes(String(row[column])));
}
