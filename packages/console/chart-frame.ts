import { type ScaleBand, type ScaleLinear, type ScaleTime, scaleBand, scaleLinear, scaleUtc } from "d3-scale";
import type { ChartPoint, ChartProps } from "./chart.ts";

/** A drawing's size and scales. All figures are in the units of its viewBox. */
export type Frame = {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  /** Series are named at the end of their lines. */
  readonly labels: boolean;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly y: ScaleLinear<number, number>;
  readonly x: XScale;
  /** Where a point stands horizontally; for bars the middle of its band. */
  readonly at: (x: string) => number;
};

/** A time axis for lines over dates, bands for all else. */
export type XScale =
  | { readonly kind: "time"; readonly scale: ScaleTime<number, number> }
  | { readonly kind: "band"; readonly scale: ScaleBand<string> };

/** Fits scales to the data: nice round ends, zero included for bars. */
export function frameOf(props: ChartProps, size: Pick<Frame, "name" | "width" | "height" | "labels">): Frame {
  const [left, bottom, top] = [58, size.height - 30, props.yLabel === undefined ? 14 : 30];
  const right = size.width - (size.labels ? 132 : 14);
  const y = trimmed(extent(props), scaleLinear(extent(props), [bottom, top]).nice(5));
  const x = xScale(props, left, right);
  const at =
    x.kind === "time"
      ? (text: string) => x.scale(instant(text))
      : (text: string) => (x.scale(text) ?? left) + x.scale.bandwidth() / 2;
  return { ...size, left, right, top, bottom, x, y, at };
}

/** What is nearer to nothing than any amount is drawn as nothing: no scale can be divided that finely. */
const smallest = 1e-9;

/** A value for drawing; null for a gap and for what is no finite number. */
export function drawn(value: string | number | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  if (!Number.isFinite(number)) return null;
  return Math.abs(number) < smallest ? 0 : number;
}

/** Every x of the chart once: dates in order of time, other texts in order of appearance. */
export function categories({ series }: Pick<ChartProps, "series">): readonly string[] {
  const seen = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))];
  return areDates(seen) ? seen.toSorted() : seen;
}

/** Whether all texts begin with an ISO date. */
export function areDates(texts: readonly string[]): boolean {
  return texts.length > 0 && texts.every((text) => /^\d{4}-\d{2}-\d{2}(?!\d)/.test(text));
}

/** The instant of a date (its midnight, UTC) or of an ISO timestamp. */
export function instant(text: string): Date {
  return new Date(text.length <= 10 ? `${text}T00:00:00Z` : text.replace(" ", "T"));
}

function xScale(props: ChartProps, left: number, right: number): XScale {
  const xs = categories(props);
  if (props.kind === "bar" || !areDates(xs))
    return {
      kind: "band",
      scale: scaleBand([...xs], [left, right])
        .paddingInner(0.28)
        .paddingOuter(0.14),
    };
  const first = instant(xs[0] ?? "");
  const last = instant(xs.at(-1) ?? "");
  return {
    kind: "time",
    scale: scaleUtc([first, last], xs.length === 1 ? [(left + right) / 2, (left + right) / 2] : [left + 6, right - 6]),
  };
}

/** A little below zero does not deserve a whole step of empty axis. */
function trimmed([low]: [number, number], y: ScaleLinear<number, number>): ScaleLinear<number, number> {
  const [first = 0, second = 0] = y.ticks(5);
  const step = second - first;
  return low < 0 && low - first > step / 2 ? y.domain([low - step / 20, y.domain()[1] ?? 0]) : y;
}

function extent(props: ChartProps): [number, number] {
  const values =
    props.kind === "bar" && (props.stacked ?? true)
      ? stackEnds(props)
      : props.series.flatMap(({ points }) => points.flatMap(pointValues));
  const low = Math.min(...bounded(values, Math.min));
  const high = Math.max(...bounded(values, Math.max));
  const span = high - low;
  // A line that stays far above zero is readable only without it; where zero is near, it belongs in the picture.
  const bottom = props.kind === "bar" || (low > 0 && low < span * 1.5) ? Math.min(0, low) : low;
  const top = props.kind === "bar" ? Math.max(0, high) : high;
  return bottom === top ? [Math.min(0, bottom), top > 0 ? top : top + 1] : [bottom, top];
}

function bounded(values: readonly number[], pick: (...values: number[]) => number): readonly number[] {
  return values.length === 0 ? [0] : [values.reduce((a, b) => pick(a, b))];
}

function pointValues({ y, low, high }: ChartPoint): readonly number[] {
  return [drawn(y), drawn(low), drawn(high)].filter((value) => value !== null);
}

function stackEnds({ series }: ChartProps): readonly number[] {
  const ends = new Map<string, [number, number]>();
  for (const { x, y } of series.flatMap(({ points }) => points)) {
    const value = drawn(y) ?? 0;
    const [below, above] = ends.get(x) ?? [0, 0];
    ends.set(x, [below + Math.min(0, value), above + Math.max(0, value)]);
  }
  return [...ends.values()].flat();
}
