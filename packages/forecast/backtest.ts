import { accuracy } from "./accuracy.ts";
import type { Forecast } from "./forecast.ts";
import type { Level } from "./interval.ts";
import { assertCount, assertSeries, mean } from "./series.ts";

/** A forecasting method with its own parameters bound, for example `(train, horizon) => seasonalNaive(train, { period: 12, horizon })`. */
export type Method = (train: readonly number[], horizon: number) => Forecast;

/** `horizon`: steps forecast from each origin. `origins`: how many origins, the last ones. `period`: m of the MASE scale, 1 unless told. */
export type BacktestOptions = { readonly horizon: number; readonly origins: number; readonly period?: number };

/** What a method was worth on the series' own past. */
export type Backtest = {
  /** How many origins were really used: a short series allows fewer than were asked for. */
  readonly origins: number;
  /** Mean over the origins; null where the scale is zero or cannot be formed at any of them. */
  readonly mase: number | null;
  /** Mean over the origins, 0…200. */
  readonly smape: number;
  /** Share of the actual values inside the interval, per level, with the number of values it was measured on. */
  readonly coverage: readonly { readonly level: Level; readonly measured: number; readonly points: number }[];
};

/**
 * Rolling-origin evaluation: from each of the last `origins` points that leave `horizon` actual values, forecast with only what was
 * known there, and compare. Returns null when the series is too short for one origin (horizon + 2 points), which is no error.
 * Source: fpp3, section 5.10; Tashman (2000).
 */
export function backtest(series: readonly number[], method: Method, options: BacktestOptions): Backtest | null {
  assertSeries(series);
  assertCount("horizon", options.horizon);
  assertCount("origins", options.origins);
  const origins = Math.min(options.origins, series.length - options.horizon - 1);
  if (origins < 1) return null;
  const trials = Array.from({ length: origins }, (_, at) => trial(series, method, options, series.length - options.horizon - at));
  const scaled = trials.map(({ errors }) => errors.mase).filter((mase) => mase !== null);
  return {
    origins,
    mase: scaled.length === 0 ? null : mean(scaled),
    smape: mean(trials.map(({ errors }) => errors.smape)),
    coverage: measureCoverage(trials),
  };
}

type Trial = { readonly actual: readonly number[]; readonly forecast: Forecast; readonly errors: ReturnType<typeof accuracy> };

function trial(series: readonly number[], method: Method, options: BacktestOptions, origin: number): Trial {
  const train = series.slice(0, origin);
  const actual = series.slice(origin, origin + options.horizon);
  const forecast = method(train, options.horizon);
  return { actual, forecast, errors: accuracy(actual, forecast.mean, train, options.period ?? 1) };
}

function measureCoverage(trials: readonly Trial[]): Backtest["coverage"] {
  const levels = new Set(trials.flatMap(({ forecast }) => forecast.intervals.map(({ level }) => level)));
  return [...levels].map((level) => {
    const inside = trials.flatMap((one) => insideAt(level, one));
    return { level, measured: inside.filter(Boolean).length / inside.length, points: inside.length };
  });
}

function insideAt(level: Level, { actual, forecast }: Trial): boolean[] {
  const interval = forecast.intervals.find((one) => one.level === level);
  if (!interval) return [];
  return actual.map((value, step) => value >= (interval.low[step] ?? Number.NaN) && value <= (interval.high[step] ?? Number.NaN));
}
