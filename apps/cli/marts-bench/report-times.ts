import type { Jukebase } from "@jukebase/domains/open.ts";
import { runReport } from "@jukebase/domains/run-report.ts";
import type { Grain, Report } from "@jukebase/platform";

/** How long a report took, as it is asked by default and by each of its grains. */
export type ReportTime = {
  readonly report: string;
  readonly grain: Grain;
  readonly rows: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
};

const runs = 20;

/** Asks every report as often in each of its grains, and says how long it took; rows and position come from one snapshot, as always. */
export async function measureReports(jukebase: Jukebase, say: (line: string) => void): Promise<ReportTime[]> {
  const times: ReportTime[] = [];
  for (const report of jukebase.domains.flatMap((domain) => domain.reports)) {
    for (const grain of report.grains.length === 0 ? [report.defaultGrain] : report.grains) {
      say(`Asking ${report.name} by ${grain}`);
      times.push(await measure(jukebase, report, grain));
    }
  }
  return times;
}

async function measure(jukebase: Jukebase, report: Report, grain: Grain): Promise<ReportTime> {
  const params = { grain, where: {}, options: report.options.parse({}) };
  const { rows } = await runReport(jukebase, report, params);
  const taken: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const began_ms = performance.now();
    await runReport(jukebase, report, params);
    taken.push(performance.now() - began_ms);
  }
  taken.sort((a, b) => a - b);
  return { report: report.name, grain, rows: rows.length, p50_ms: at(taken, 0.5), p95_ms: at(taken, 0.95) };
}

function at(sorted: readonly number[], share: number): number {
  return Number((sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1));
}
