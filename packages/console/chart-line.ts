import { area, line } from "d3-shape";
import { type ChartPoint, type ChartProps, type ChartSeries, isForecast } from "./chart.ts";
import { at, short } from "./chart-axis.ts";
import { areDates, drawn, type Frame } from "./chart-frame.ts";
import { type Html, html } from "./html.ts";

/** Lines with gaps at nulls; of a band its interval below them, history solid and forecast dashed. */
export function drawLines({ series }: ChartProps, frame: Frame): Html {
  const intervals = series.map((one, i) => interval(one, i, frame));
  return html`${intervals}${series.map((one, i) => strokes(one, i, frame))}`;
}

/** The series' names at the ends of their lines, moved apart where they would overlap. */
export function drawDirectLabels({ series }: ChartProps, frame: Frame): Html {
  const ends = series.flatMap((one, i) => {
    const last = one.points.findLast(({ y }) => drawn(y) !== null);
    return last === undefined ? [] : [{ i, name: one.name, y: frame.y(drawn(last.y) ?? 0) }];
  });
  const placed = apart(
    ends.toSorted((a, b) => a.y - b.y),
    15,
    frame.bottom,
  );
  return html`${placed.map(({ i, name, y }) => html`<text class="${`label series-${i + 1}`}" x="${at(frame.right + 6)}" y="${at(y + 4)}">${name.length > 18 ? `${name.slice(0, 17)}…` : name}</text>`)}`;
}

const dotsMax = 160;

function strokes({ name, points: all }: ChartSeries, i: number, frame: Frame): Html {
  const points = inOrder(all);
  const path = line<ChartPoint>()
    .digits(1)
    .defined(({ y }) => drawn(y) !== null)
    .x(({ x }) => frame.at(x))
    .y(({ y }) => frame.y(drawn(y) ?? 0));
  const history = path(points.filter((point) => !isForecast(point)));
  const forecast = path(withLastHistory(points));
  const shown = points.filter(({ y }) => drawn(y) !== null);
  const dots =
    shown.length > dotsMax || frame.name === "narrow" ? [] : shown.map((point) => dot(name, point, i, frame, shown.length <= 40));
  return html`${history !== null && history !== "" && html`<path class="${`stroke series-${i + 1}`}" d="${history}" fill="none"/>`}${forecast !== null && forecast !== "" && html`<path class="${`stroke series-${i + 1} dashed`}" d="${forecast}" fill="none"/>`}${dots}`;
}

/** The forecast's points, begun at the last known one so that the line is not torn. */
function withLastHistory(points: readonly ChartPoint[]): ChartPoint[] {
  const first = points.findIndex(isForecast);
  if (first < 0) return [];
  const before = points.slice(0, first).findLast(({ y }) => drawn(y) !== null);
  const forecast = points.filter(isForecast);
  return before === undefined ? forecast : [before, ...forecast];
}

function interval({ points }: ChartSeries, i: number, frame: Frame): Html | null {
  const path = area<ChartPoint>()
    .digits(1)
    .defined(({ low, high }) => drawn(low) !== null && drawn(high) !== null)
    .x(({ x }) => frame.at(x))
    .y0(({ low }) => frame.y(drawn(low) ?? 0))
    .y1(({ high }) => frame.y(drawn(high) ?? 0));
  const shape = points.some(isForecast) ? path(inOrder(points).filter(isForecast)) : null;
  return shape === null || shape === "" ? null : html`<path class="${`interval series-${i + 1}`}" d="${shape}"/>`;
}

function dot(name: string, { x, y, low, high }: ChartPoint, i: number, frame: Frame, visible: boolean): Html {
  const value = drawn(y) ?? 0;
  const range = drawn(low) === null || drawn(high) === null ? "" : ` (${short(drawn(low) ?? 0)} to ${short(drawn(high) ?? 0)})`;
  const kind = visible ? `dot series-${i + 1}` : "dot unseen";
  return html`<circle class="${kind}" cx="${at(frame.at(x))}" cy="${at(frame.y(value))}" r="${visible ? "2.6" : "5"}"><title>${`${name}, ${x}: ${short(value)}${range}`}</title></circle>`;
}

function inOrder(points: readonly ChartPoint[]): ChartPoint[] {
  const dates = areDates(points.map(({ x }) => x));
  return dates ? points.toSorted((a, b) => (a.x < b.x ? -1 : a.x > b.x ? 1 : 0)) : [...points];
}

type End = { readonly i: number; readonly name: string; readonly y: number };

/** Pushes labels down until none overlaps, then back up from the bottom. */
function apart(ends: readonly End[], gap: number, bottom: number): readonly End[] {
  const ys = ends.map(({ y }) => y);
  for (const [i, y] of ys.entries()) ys[i] = Math.max(y, (ys[i - 1] ?? -Infinity) + gap);
  for (const i of ys.keys().toArray().reverse()) ys[i] = Math.min(ys[i] ?? 0, (ys[i + 1] ?? bottom + gap) - gap);
  return ends.map((end, i) => ({ ...end, y: ys[i] ?? end.y }));
}
