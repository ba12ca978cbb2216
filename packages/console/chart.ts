import { drawAxes } from "./chart-axis.ts";
import { drawBars } from "./chart-bar.ts";
import { type Frame, frameOf } from "./chart-frame.ts";
import { drawDirectLabels, drawLines } from "./chart-line.ts";
import { type Html, html } from "./html.ts";

/** One point of a series. Decimal strings become Numbers for drawing only; null is a gap. `low` and `high` make it a forecast. */
export type ChartPoint = {
  readonly x: string;
  readonly y: string | number | null;
  readonly low?: string | number | null;
  readonly high?: string | number | null;
};

/** A line, or the bars of one colour. */
export type ChartSeries = { readonly name: string; readonly points: readonly ChartPoint[] };

/** A chart as data. `x` values are all dates (YYYY-MM-DD…) for a time axis, or any texts in the order of their first appearance. */
export type ChartProps = {
  readonly id: string;
  readonly kind: "line" | "bar" | "band";
  readonly title: string;
  /** What the chart shows, in a sentence, for those who can't see it. */
  readonly description: string;
  /** At most 8; what is less important is to be added up into one "Other" before. */
  readonly series: readonly ChartSeries[];
  /** What the vertical axis measures, with its unit: "Received, EUR". */
  readonly yLabel?: string;
  /** Bars of one x on top of each other (the default) or side by side. */
  readonly stacked?: boolean;
};

/** The most series that one chart can hold: as many as there are colours that can be told apart. */
export const seriesMax = 8;

/**
 * A chart as SVG, rendered on the server: the same text for the same data, colours by CSS class, no script and no style attribute.
 * It comes in a wide and a narrow drawing, of which the stylesheet shows the one that fits. Throws RangeError above 8 series.
 */
export function chart(props: ChartProps): Html {
  const { id, series, title } = props;
  if (series.length > seriesMax)
    throw new RangeError(
      `chart "${id}" has ${series.length} series; group the smaller ones, at most ${seriesMax} can be told apart`,
    );
  if (!series.some(({ points }) => points.some(({ y }) => y !== null)))
    return html`<figure class="chart empty"><p class="empty-title">${title}</p><p>There is nothing to draw for this choice.</p></figure>`;
  const labels = props.kind !== "bar" && series.length > 1;
  return html`<figure class="chart"><figcaption>${title}</figcaption>${legend(props)}
${draw(props, frameOf(props, { name: "wide", width: 960, height: 300, labels }))}
${draw(props, frameOf(props, { name: "narrow", width: 400, height: 260, labels: false }))}</figure>`;
}

function draw(props: ChartProps, frame: Frame): Html {
  const { id, kind, title, description } = props;
  const own = `${id}-${frame.name}`;
  const marks =
    kind === "bar" ? drawBars(props, frame) : html`${drawLines(props, frame)}${frame.labels && drawDirectLabels(props, frame)}`;
  return html`<svg class="${`chart-${frame.name}`}" viewBox="${`0 0 ${frame.width} ${frame.height}`}" width="${frame.width}" height="${frame.height}" role="img" aria-labelledby="${`${own}-title ${own}-desc`}">
<title id="${own}-title">${title}</title><desc id="${own}-desc">${description}</desc>
${drawAxes(props, frame)}${marks}
</svg>`;
}

function legend({ kind, series }: ChartProps): Html | null {
  const forecast = series.some(({ points }) => points.some(isForecast));
  if (series.length < 2 && !forecast) return null;
  const direct = kind !== "bar" && series.length > 1 && !forecast;
  const key = (text: string, shape: string) =>
    html`<li><svg class="key" viewBox="0 0 18 10" width="18" height="10" aria-hidden="true" focusable="false">${keyShape(shape)}</svg>${text}</li>`;
  const names = series.map(({ name }, i) => key(name, `${kind === "bar" ? "fill" : "stroke"} series-${i + 1}`));
  const extra = forecast ? [key("Forecast", "stroke dashed"), key("Interval", "interval")] : [];
  return html`<ul class="${direct ? "legend direct" : "legend"}">${names}${extra}</ul>`;
}

function keyShape(shape: string): Html {
  return shape.startsWith("stroke")
    ? html`<path class="${shape}" d="M0 5H18" fill="none" stroke-width="2.5"/>`
    : html`<rect class="${shape}" width="18" height="10" rx="2"/>`;
}

/** Whether a point is forecast rather than history. */
export function isForecast({ low, high }: ChartPoint): boolean {
  return (low ?? null) !== null || (high ?? null) !== null;
}
