import type { Field } from "@jukebase/platform/field.ts";
import type { ReportChart, ReportRow } from "@jukebase/platform/report.ts";
import { type ChartPoint, type ChartProps, type ChartSeries, seriesMax } from "./chart.ts";
import { drawn } from "./chart-frame.ts";
import { currencyOf, heading } from "./format.ts";

/** What a report's chart needs besides its rows. */
export type ChartRowsProps = {
  readonly id: string;
  readonly title: string;
  readonly chart: ReportChart;
  readonly fields: readonly Field[];
  readonly rows: readonly ReportRow[];
};

/**
 * The charts of a report's rows: one per value of `per` and per currency, since amounts of two currencies can't share an axis. One series per value of
 * `series` and per y column; beyond eight the smaller ones are added up as "Other". Rows of one x and series are added up;
 * `low` and `high` belong to the last y column. Sums here are for drawing only and never shown as figures.
 */
export function chartsOfRows(props: ChartRowsProps): readonly ChartProps[] {
  const panes = panesOf(props);
  const several = { currency: differ(panes.map(({ currency }) => currency)), per: differ(panes.map(({ per }) => per)) };
  return panes.map(({ currency, per, rows }, i) => ({
    id: `${props.id}-${i + 1}`,
    kind: props.chart.kind,
    title: [props.title, ...(several.per ? [per] : []), ...(several.currency ? [currency] : [])].filter(Boolean).join(", "),
    description: describe(props.chart),
    series: seriesOf(props, rows),
    ...yLabel(props.chart, currency),
    stacked: props.chart.y.length === 1,
  }));
}

type Pane = { readonly currency: string | undefined; readonly per: string | undefined; readonly rows: readonly ReportRow[] };

function panesOf(props: ChartRowsProps): readonly Pane[] {
  const { per: column } = props.chart;
  const place = (row: ReportRow): Omit<Pane, "rows"> => ({
    currency: drawsMoney(props) ? currencyOf(row) : undefined,
    per: column === undefined ? undefined : String(row[column] ?? "none"),
  });
  const groups = Map.groupBy(props.rows, (row) => JSON.stringify([place(row).per ?? "", place(row).currency ?? ""]));
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, rows]) => ({ ...place(rows[0] as ReportRow), rows }));
}

function differ(values: readonly (string | undefined)[]): boolean {
  return new Set(values).size > 1;
}

function yLabel({ y }: ReportChart, currency: string | undefined): { readonly yLabel?: string } {
  const parts = [...(y.length === 1 ? y.map(heading) : []), ...(currency === undefined ? [] : [currency])];
  return parts.length === 0 ? {} : { yLabel: parts.join(", ") };
}

function drawsMoney({ chart, fields }: ChartRowsProps): boolean {
  return fields.some(({ name, type }) => type === "money" && chart.y.includes(name));
}

function describe({ kind, x, y, series, low }: ReportChart): string {
  const what = y.map((name) => heading(name).toLowerCase()).join(" and ");
  const each = series === undefined ? "" : `, one ${kind === "bar" ? "colour" : "line"} per ${heading(series).toLowerCase()}`;
  const interval = low === undefined ? "" : "; forecast dashed, with its interval";
  return `${heading(what)} by ${heading(x).toLowerCase()}${each}${interval}. The table below has every value.`;
}

function seriesOf({ chart }: ChartRowsProps, rows: readonly ReportRow[]): readonly ChartSeries[] {
  const points = new Map<string, Map<string, ChartPoint>>();
  for (const row of rows) {
    for (const column of chart.y) addPoint(points, seriesName(chart, row, column), pointOf(chart, row, column));
  }
  return limited([...points].map(([name, own]) => ({ name, points: [...own.values()] })));
}

function seriesName({ series, y }: ReportChart, row: ReportRow, column: string): string {
  if (series === undefined) return heading(column);
  const value = String(row[series] ?? "none");
  return y.length === 1 ? value : `${value}, ${heading(column).toLowerCase()}`;
}

function pointOf({ x, y, low, high }: ReportChart, row: ReportRow, column: string): ChartPoint {
  const own = low !== undefined && high !== undefined && column === y.at(-1);
  const interval = own ? { low: drawn(numeric(row[low])), high: drawn(numeric(row[high])) } : {};
  return { x: String(row[x] ?? "none"), y: drawn(numeric(row[column])), ...interval };
}

function numeric(value: ReportRow[string] | undefined): string | number | null {
  return typeof value === "boolean" || value === undefined ? null : value;
}

function addPoint(points: Map<string, Map<string, ChartPoint>>, name: string, point: ChartPoint): void {
  const own = points.get(name) ?? new Map<string, ChartPoint>();
  const before = own.get(point.x);
  own.set(point.x, before === undefined ? point : { ...point, y: sum(before.y, point.y) });
  points.set(name, own);
}

function sum(left: ChartPoint["y"], right: ChartPoint["y"]): number | null {
  const [a, b] = [drawn(left), drawn(right)];
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}

function limited(series: readonly ChartSeries[]): readonly ChartSeries[] {
  if (series.length <= seriesMax) return series;
  const weight = ({ points }: ChartSeries) => points.reduce((total, { y }) => total + Math.abs(drawn(y) ?? 0), 0);
  const ranked = series.toSorted((a, b) => weight(b) - weight(a));
  const rest = ranked.slice(seriesMax - 1);
  const other = new Map<string, Map<string, ChartPoint>>();
  for (const { points } of rest) for (const { x, y } of points) addPoint(other, "other", { x, y });
  return [
    ...ranked.slice(0, seriesMax - 1),
    { name: `Other (${rest.length})`, points: [...(other.get("other")?.values() ?? [])] },
  ];
}
