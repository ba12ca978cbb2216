import { type Forecast, movingAverage, seasonalNaive } from "@jukebase/forecast";
import { type Grain, matching, type Report, type ReportRow, reportRow, within } from "@jukebase/platform";
import { sql } from "slonik";
import { z } from "zod";

/** What cash will come and go, and how wrong that may be. Source: seed question 3c. */
export const cashForecast: Report = {
  name: "cash-forecast",
  title: "Cash forecast",
  description:
    "Cash received and spent, carried forward from the complete periods of history by a moving average and by the same season last year " +
    "(seasonal naive), with the ranges in which the method's own past errors put 80 % and 95 % of outcomes. An estimate, not an amount owed.",
  columns: [
    { name: "period", type: "date", description: "First day of the period." },
    { name: "currency", type: "text", description: "ISO 4217 code of the amounts." },
    { name: "flow", type: "text", description: "received or spent." },
    { name: "method", type: "text", description: "actual for history, else moving-average or seasonal-naive." },
    { name: "amount", type: "money", description: "What was, or is expected to be, received or spent." },
    { name: "low_80", type: "money", description: "Lower end of the 80 % range." },
    { name: "high_80", type: "money", description: "Upper end of the 80 % range." },
    { name: "low_95", type: "money", description: "Lower end of the 95 % range." },
    { name: "high_95", type: "money", description: "Upper end of the 95 % range." },
  ],
  grains: ["week", "month", "quarter"],
  defaultGrain: "month",
  filters: ["currency", "flow"],
  options: z.object({
    horizon: z.coerce.number().int().min(1).max(60).default(6).describe("How many periods ahead."),
    window: z.coerce.number().int().min(1).max(60).default(3).describe("How many periods the moving average spans."),
  }),
  marts: ["fct_daily_cash_received", "fct_daily_cash_spent"],
  chart: { kind: "band", x: "period", y: ["amount"], series: "method", per: "flow", low: "low_95", high: "high_95" },
  query: (params) => {
    const grain = params.grain ?? "month";
    return sql.type(reportRow)`
      with flows as (
        select received_on as day, currency, 'received' as flow, amount
        from marts.fct_daily_cash_received
        union all
        select spent_on, currency, 'spent', amount
        from marts.fct_daily_cash_spent
      ),
      reach as (
        select max(day) as last_day
        from flows
        where ${within(sql.fragment`day`, params)}
      ),
      sums as (
        select platform.period(${grain}, day) as period, currency, flow, sum(amount) as amount
        from flows
        where ${within(sql.fragment`day`, params)}
          and ${matching({ currency: sql.fragment`currency`, flow: sql.fragment`flow` }, params)}
        group by 1, 2, 3
      ),
      spine as (
        select distinct spans.currency, spans.flow, platform.period(${grain}, day::date) as period
        from (select currency, flow, min(period) as first_day from sums group by 1, 2) as spans
        cross join reach
        cross join lateral generate_series(first_day::timestamptz, last_day::timestamptz, interval '1 day') as day
      )
      select spine.period::text as period, spine.currency, spine.flow, platform.money(coalesce(sums.amount, 0), spine.currency) as amount
      from spine
      left join sums using (period, currency, flow)
      cross join reach
      where platform.period(${grain}, spine.period) < platform.period(${grain}, reach.last_day + 1)
      order by spine.flow, spine.currency, spine.period`;
  },
  derive: (rows, params) => seriesOf(rows).flatMap((series) => [...series.map(asActual), ...forecasts(series, params)]),
};

const season: Partial<Record<Grain, number>> = { week: 52, month: 12, quarter: 4 };

function seriesOf(rows: readonly ReportRow[]): ReportRow[][] {
  const groups = Map.groupBy(rows, (row) => `${row.flow} ${row.currency}`);
  return [...groups.values()];
}

function asActual(row: ReportRow): ReportRow {
  return { ...row, method: "actual", low_80: null, high_80: null, low_95: null, high_95: null };
}

function forecasts(
  series: readonly ReportRow[],
  { grain = "month", options }: { grain?: Grain | undefined; options: Readonly<Record<string, unknown>> },
): ReportRow[] {
  const horizon = Number(options.horizon ?? 6);
  const past = series.map((row) => Number(row.amount)); // An estimate is made here: its input may be rounded, no amount is.
  const last = series.at(-1);
  if (last === undefined) return [];
  const digits = fewestDigits(series);
  const window = Math.min(Number(options.window ?? 3), past.length);
  const made: [string, Forecast][] = [
    ["moving-average", movingAverage(past, { window, horizon })],
    ["seasonal-naive", seasonalNaive(past, { period: season[grain] ?? 1, horizon })],
  ];
  return made.flatMap(([method, forecast]) =>
    forecast.mean.map((mean, step) => ({
      period: ahead(String(last.period), grain, step + 1),
      currency: last.currency ?? null,
      flow: last.flow ?? null,
      method,
      amount: mean.toFixed(digits),
      ...range(forecast, step, digits),
    })),
  );
}

// Amounts are written with the digits of their currency, or with more where they have more: estimates get the currency's.
function fewestDigits(series: readonly ReportRow[]): number {
  return Math.min(...series.map(({ amount }) => String(amount).split(".")[1]?.length ?? 0));
}

function range({ intervals }: Forecast, step: number, digits: number): ReportRow {
  const bound = (level: number, side: "low" | "high"): string | null => {
    const value = intervals.find((interval) => interval.level === level)?.[side][step];
    return value === undefined ? null : value.toFixed(digits);
  };
  return { low_80: bound(0.8, "low"), high_80: bound(0.8, "high"), low_95: bound(0.95, "low"), high_95: bound(0.95, "high") };
}

function ahead(period: string, grain: Grain, steps: number): string {
  const start = Temporal.PlainDate.from(period);
  if (grain === "week") return start.add({ weeks: steps }).toString();
  return start.add({ months: grain === "quarter" ? 3 * steps : steps }).toString();
}
