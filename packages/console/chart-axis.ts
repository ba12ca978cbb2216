import type { ChartProps } from "./chart.ts";
import { areDates, type Frame, instant } from "./chart-frame.ts";
import { type Html, html } from "./html.ts";

/** Horizontal grid lines with their values, and the marks of the x axis. */
export function drawAxes({ yLabel }: ChartProps, frame: Frame): Html {
  return html`<g class="axis">${yLabel !== undefined && html`<text class="axis-title" x="0" y="12">${yLabel}</text>`}${rows(frame)}${marks(frame)}</g>`;
}

/** Coordinates to a tenth: short, and the same on every machine. */
export function at(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A value on an axis or in a tooltip: "1.2M", "850", "0.25". */
export function short(value: number): string {
  return Math.abs(value) >= 10_000 ? compact.format(value) : plain.format(value);
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const plain = new Intl.NumberFormat("en", { maximumSignificantDigits: 4 });
const month = new Intl.DateTimeFormat("en", { month: "short", timeZone: "UTC" });
const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "UTC" });

function rows({ y, left, right }: Frame): Html {
  return html`${y.ticks(5).map((value) => html`<path class="${value === 0 ? "zero" : "grid"}" d="M${at(left)} ${at(y(value))}H${at(right)}"/><text class="tick" x="${at(left - 8)}" y="${at(y(value) + 4)}" text-anchor="end">${short(value)}</text>`)}`;
}

function marks(frame: Frame): Html {
  const places = frame.x.kind === "time" ? timeMarks(frame) : bandMarks(frame);
  return html`${places.map(({ x, text }, i) => html`<text class="tick" x="${at(x)}" y="${at(frame.bottom + 20)}" text-anchor="${anchor(frame, x, i)}">${text}</text>`)}`;
}

type Mark = { readonly x: number; readonly text: string };

/** Labels that would stick out of the picture are turned inwards. */
function anchor({ left, right, labels }: Frame, x: number, i: number): string {
  if (i === 0 && x < left + 18) return "start";
  return !labels && x > right - 18 ? "end" : "middle";
}

function timeMarks({ x, left, right }: Frame): readonly Mark[] {
  if (x.kind !== "time") return [];
  const room = Math.max(2, Math.floor((right - left) / 90));
  const found = x.scale.ticks(room);
  const every = Math.ceil(found.length / room);
  const ticks = found.filter((_, i) => i % every === 0);
  return ticks.map((tick, i) => ({ x: x.scale(tick), text: dateLabel(tick, ticks[i - 1], stepOf(ticks)) }));
}

function bandMarks({ x, left, right, at: middle }: Frame): readonly Mark[] {
  if (x.kind !== "band") return [];
  const domain = x.scale.domain();
  const dates = areDates(domain);
  const room = dates ? 100 : Math.max(48, Math.min(16, Math.max(...domain.map(({ length }) => length))) * 7 + 10);
  const every = Math.ceil((domain.length * room) / (right - left));
  const shown = domain.filter((_, i) => i % every === 0);
  const step = dates ? stepOf(shown.map(instant)) : "year";
  return shown.map((text, i) => ({
    x: middle(text),
    text: dates ? dateLabel(instant(text), previous(shown, i), step) : cut(text),
  }));
}

function previous(shown: readonly string[], i: number): Date | undefined {
  const text = shown[i - 1];
  return text === undefined ? undefined : instant(text);
}

type Step = "year" | "month" | "day" | "hour";

function stepOf(dates: readonly Date[]): Step {
  if (dates.some((date) => date.getUTCHours() + date.getUTCMinutes() > 0)) return "hour";
  if (dates.some((date) => date.getUTCDate() !== 1)) return "day";
  return dates.every((date) => date.getUTCMonth() === 0) ? "year" : "month";
}

function dateLabel(date: Date, before: Date | undefined, step: Step): string {
  const year = String(date.getUTCFullYear());
  if (step === "year") return year;
  const newYear = before === undefined || before.getUTCFullYear() !== date.getUTCFullYear();
  if (step === "month") return newYear ? `${month.format(date)} ${year}` : month.format(date);
  const day = `${date.getUTCDate()} ${month.format(date)}`;
  if (step === "day") return newYear ? `${day} ${year}` : day;
  return before === undefined || before.getUTCDate() !== date.getUTCDate() ? day : hour.format(date);
}

function cut(text: string): string {
  return text.length > 16 ? `${text.slice(0, 15)}…` : text;
}
