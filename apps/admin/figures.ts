import type { StatProps } from "@jukebase/console";
import { formatMoney, formatNumber, heading } from "@jukebase/console";
import { runReport } from "@jukebase/domains/run-report.ts";
import type { Domain, Field, Report, ReportRow } from "@jukebase/platform";
import { Decimal } from "decimal.js";
import type { Console } from "./console.ts";

/** One figure of a report, month by month, oldest first; amounts are decimal strings of one currency. */
export type Figure = {
  readonly label: string;
  readonly href: string;
  readonly currency: string | undefined;
  readonly months: ReadonlyMap<string, string>;
};

/**
 * The figures that a domain's reports give by the month: what a report's chart draws, and its first amount. A report that starts as
 * one number says how things stand: its last amount is a figure without months. A label shown by an earlier report is not repeated.
 */
export async function figuresOf(admin: Console, domain: Domain): Promise<{ readonly monthly: readonly Figure[]; readonly standing: readonly StatProps[] }> {
  const monthly: Figure[] = [];
  const standing: StatProps[] = [];
  for (const report of domain.reports) {
    if (report.chart === undefined || report.chart.kind === "band" || !report.grains.includes("month")) continue;
    const { rows } = await runReport(admin.jukebase, report, { ...unasked(report), grain: "month" });
    const known = new Set(monthly.map(({ label }) => label));
    monthly.push(...monthlyOf(report, rows).filter(({ label }) => !known.has(label)));
    if (report.defaultGrain === "all") standing.push(...(await standingOf(admin, report)));
  }
  return { monthly, standing };
}

/** A report as it is asked when nobody says anything. */
export function unasked(report: Report) {
  return { where: {}, options: report.options.parse({}) as Readonly<Record<string, unknown>> };
}

/** The figure in a month, beside the month before. */
export function statOf({ label, href, currency, months }: Figure, month: string, before: string): StatProps {
  const [now, then] = [months.get(month) ?? "0", months.get(before) ?? "0"];
  const value = currency === undefined ? formatNumber(now) : formatMoney(now, currency);
  const change = new Decimal(now).minus(then);
  const direction = change.isZero() ? "flat" : change.isNegative() ? "down" : "up";
  const percent = new Decimal(then).isZero() ? "from nothing" : `${change.div(new Decimal(then).abs()).times(100).abs().toFixed(1)} % on the month before`;
  return {
    label,
    value,
    ...(currency === undefined ? {} : { unit: currency }),
    delta: { text: change.isZero() ? "as in the month before" : percent, direction },
    href,
  };
}

function monthlyOf(report: Report, rows: readonly ReportRow[]): Figure[] {
  const drawn = report.chart?.y ?? [];
  const amount = report.columns.find(({ type }) => type === "money")?.name;
  const names = [...new Set([...drawn, ...(amount === undefined ? [] : [amount])])];
  const fields = report.columns.filter(({ name }) => names.includes(name));
  return fields.flatMap((field) => {
    const label = fields.length === 1 ? report.title : heading(field.name);
    return byCurrency(field, rows).map(([currency, own]) => ({ label, href: `/reports/${report.name}`, currency, months: sums(field, report.chart?.x ?? "period", own) }));
  });
}

async function standingOf(admin: Console, report: Report): Promise<StatProps[]> {
  const field = report.columns.findLast(({ type }) => type === "money");
  if (!field) return [];
  const { rows } = await runReport(admin.jukebase, report, { ...unasked(report), grain: "all" });
  return byCurrency(field, rows).map(([currency, own]) => ({
    label: heading(field.name),
    value: formatMoney(own.reduce((sum, row) => sum.plus(decimalOf(row[field.name])), new Decimal(0)).toFixed(), currency),
    ...(currency === undefined ? {} : { unit: currency }),
    note: "as things stand",
    href: `/reports/${report.name}`,
  }));
}

// Counts add up over currencies; amounts never do.
function byCurrency(field: Field, rows: readonly ReportRow[]): [string | undefined, readonly ReportRow[]][] {
  if (field.type !== "money") return [[undefined, rows]];
  const groups = Map.groupBy(rows.filter((row) => typeof row.currency === "string"), (row) => String(row.currency));
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function sums(field: Field, x: string, rows: readonly ReportRow[]): ReadonlyMap<string, string> {
  const totals = new Map<string, Decimal>();
  for (const row of rows) {
    const month = String(row[x] ?? "");
    totals.set(month, (totals.get(month) ?? new Decimal(0)).plus(decimalOf(row[field.name])));
  }
  return new Map([...totals].map(([month, total]) => [month, total.toFixed()]));
}

function decimalOf(value: ReportRow[string] | undefined): Decimal {
  return new Decimal(typeof value === "string" || typeof value === "number" ? value : 0);
}
