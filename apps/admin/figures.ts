import type { StatProps } from "@jukebase/console";
import { formatMoney, formatNumber, heading } from "@jukebase/console";
import { runReport } from "@jukebase/domains/run-report.ts";
import type { Domain, Field, Report, ReportRow } from "@jukebase/platform";
import { Decimal } from "decimal.js";
import type { Console } from "./console.ts";

/** One figure of a report: by currency (one entry, `undefined`, for counts), then by month; the currency most used comes first. */
export type Figure = {
  readonly label: string;
  readonly href: string;
  readonly currencies: readonly { readonly currency: string | undefined; readonly months: ReadonlyMap<string, string> }[];
};

/**
 * The figures that a domain's reports give by the month: what a report's chart draws first, and its first amount. A report that starts as
 * one number says how things stand: its last amount is a figure without months. A label shown by an earlier report is not repeated.
 */
export async function figuresOf(
  admin: Console,
  domain: Domain,
): Promise<{ readonly monthly: readonly Figure[]; readonly standing: readonly StatProps[] }> {
  const monthly: Figure[] = [];
  const standing: StatProps[] = [];
  for (const report of domain.reports) {
    if (!isDrawnMonthly(report)) continue;
    const { rows } = await runReport(admin.jukebase, report, { ...unasked(report), grain: "month" });
    const known = new Set(monthly.map(({ label }) => label));
    monthly.push(...monthlyOf(report, rows).filter(({ label }) => !known.has(label)));
    if (report.defaultGrain === "all") standing.push(...(await standingOf(admin, report, currenciesOf(rows))));
  }
  return { monthly, standing };
}

/** Whether the overview shows a report: one that has a chart, other than of a forecast, by the month. */
export function isDrawnMonthly({ chart, grains }: Report): boolean {
  return chart !== undefined && chart.kind !== "band" && grains.includes("month");
}

/** A report as it is asked when nobody says anything. */
export function unasked(report: Report) {
  return { where: {}, options: report.options.parse({}) as Readonly<Record<string, unknown>> };
}

/** The figure in a month, beside the month before; other currencies than the first are told apart, never added. */
export function statOf({ label, href, currencies }: Figure, month: string, before: string): StatProps {
  const earlier = monthName(before, "long");
  const [first, ...others] = currencies;
  const [now, then] = [first?.months.get(month) ?? "0", first?.months.get(before) ?? "0"];
  const also = others.map(({ currency, months }) => `${currency} ${formatMoney(months.get(month) ?? "0", currency)}`);
  return {
    label,
    ...written(now, first?.currency),
    delta: change(new Decimal(now), new Decimal(then), earlier),
    ...(also.length > 0 ? { note: `and ${also.join(", ")}` } : {}),
    href,
  };
}

/** "September 2026" of a month's first day, or without the year. */
export function monthName(month: string, style: "long" | "full"): string {
  return Temporal.PlainDate.from(month).toLocaleString(
    "en",
    style === "long" ? { month: "long" } : { month: "long", year: "numeric" },
  );
}

function written(amount: string, currency: string | undefined) {
  return currency === undefined ? { value: formatNumber(amount) } : { value: formatMoney(amount, currency), unit: currency };
}

function change(now: Decimal, then: Decimal, earlier: string): NonNullable<StatProps["delta"]> {
  if (now.equals(then)) return { text: `as in ${earlier}`, direction: "flat" };
  const direction = now.greaterThan(then) ? "up" : "down";
  if (then.isZero()) return { text: `nothing in ${earlier}`, direction };
  const percent = now.minus(then).div(then.abs()).times(100).abs();
  return { text: `${percent.toFixed(percent.lessThan(10) ? 1 : 0)} % on ${earlier}`, direction };
}

function monthlyOf(report: Report, rows: readonly ReportRow[]): Figure[] {
  const drawn = report.chart?.y[0];
  const amount = report.columns.find(({ type }) => type === "money")?.name;
  const fields = report.columns.filter(({ name }) => name === drawn || name === amount);
  return fields.map((field) => ({
    label: fields.length === 1 ? report.title : heading(field.name),
    href: `/reports/${report.name}${report.defaultGrain === "month" ? "" : "?grain=month"}`,
    currencies: byCurrency(field, rows).map(([currency, own]) => ({
      currency,
      months: sums(field, report.chart?.x ?? "period", own),
    })),
  }));
}

async function standingOf(admin: Console, report: Report, order: readonly string[]): Promise<StatProps[]> {
  const field = report.columns.findLast(({ type }) => type === "money");
  if (!field) return [];
  const { rows } = await runReport(admin.jukebase, report, { ...unasked(report), grain: "all" });
  const totals = order.map((currency) => ({
    currency,
    amount: totalOf(
      field,
      rows.filter((row) => row.currency === currency),
    ),
  }));
  const [first, ...others] = totals;
  if (!first) return [];
  const also = others.map(({ currency, amount }) => `and ${currency} ${formatMoney(amount, currency)}`).join(", ");
  const note = also === "" ? "as things stand" : `${also}, as things stand`;
  return [{ label: heading(field.name), ...written(first.amount, first.currency), note, href: `/reports/${report.name}` }];
}

// Counts add up over currencies; amounts never do.
function byCurrency(field: Field, rows: readonly ReportRow[]): [string | undefined, readonly ReportRow[]][] {
  if (field.type !== "money") return [[undefined, rows]];
  return currenciesOf(rows).map((currency) => [currency, rows.filter((row) => row.currency === currency)]);
}

/** The currencies of rows; the one with the most rows comes first. */
export function currenciesOf(rows: readonly ReportRow[]): readonly string[] {
  const groups = Map.groupBy(
    rows.flatMap(({ currency }) => (typeof currency === "string" ? [currency] : [])),
    (currency) => currency,
  );
  return [...groups]
    .toSorted(([a, one], [b, other]) => other.length - one.length || (a < b ? -1 : 1))
    .map(([currency]) => currency);
}

function totalOf(field: Field, rows: readonly ReportRow[]): string {
  return rows.reduce((sum, row) => sum.plus(decimalOf(row[field.name])), new Decimal(0)).toFixed();
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
