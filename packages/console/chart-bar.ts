import { scaleBand } from "d3-scale";
import type { ChartProps } from "./chart.ts";
import { at, short } from "./chart-axis.ts";
import { categories, drawn, type Frame } from "./chart-frame.ts";
import { type Html, html } from "./html.ts";

/** Bars per x: on top of each other (negative ones below zero) or side by side. Each tells its value on hover. */
export function drawBars(props: ChartProps, frame: Frame): Html {
  const bars = (props.stacked ?? true) ? stackedBars(props) : groupedBars(props, frame);
  return html`${bars.map((bar) => rectangle(bar, frame))}`;
}

/** `from` and `to` are values; `offset` and `share` place the bar inside the band of its x. */
type Bar = {
  readonly x: string;
  readonly i: number;
  readonly name: string;
  readonly value: number;
  readonly from: number;
  readonly to: number;
  readonly offset: number;
  readonly share: number;
};

function stackedBars({ series }: ChartProps): readonly Bar[] {
  const ends = new Map<string, { below: number; above: number }>();
  return series.flatMap(({ name, points }, i) =>
    points.flatMap(({ x, y }) => {
      const value = drawn(y);
      if (value === null) return [];
      const end = ends.get(x) ?? { below: 0, above: 0 };
      const from = value < 0 ? end.below : end.above;
      ends.set(x, value < 0 ? { ...end, below: from + value } : { ...end, above: from + value });
      return [{ x, i, name, value, from, to: from + value, offset: 0, share: 1 }];
    }),
  );
}

function groupedBars(props: ChartProps, frame: Frame): readonly Bar[] {
  const width = frame.x.kind === "band" ? frame.x.scale.bandwidth() : 1;
  const inner = scaleBand(
    props.series.map((_, i) => String(i)),
    [0, 1],
  ).paddingInner(width / props.series.length > 6 ? 0.12 : 0);
  const order = categories(props);
  return props.series.flatMap(({ name, points }, i) =>
    points
      .toSorted((a, b) => order.indexOf(a.x) - order.indexOf(b.x))
      .flatMap(({ x, y }) => {
        const value = drawn(y);
        return value === null
          ? []
          : [{ x, i, name, value, from: 0, to: value, offset: inner(String(i)) ?? 0, share: inner.bandwidth() }];
      }),
  );
}

const barWidthMax = 64;

function rectangle({ x, i, name, value, from, to, offset, share }: Bar, frame: Frame): Html {
  const band = frame.x.kind === "band" ? Math.min(frame.x.scale.bandwidth(), barWidthMax) : 1;
  const left = frame.at(x) - band / 2 + offset * band;
  const top = Math.min(frame.y(from), frame.y(to));
  const height = Math.abs(frame.y(from) - frame.y(to));
  return html`<rect class="${`fill series-${i + 1}`}" x="${at(left)}" y="${at(top)}" width="${at(Math.max(1, share * band))}" height="${at(height)}"><title>${`${name}, ${x}: ${short(value)}`}</title></rect>`;
}
