import type { Forecast } from "./forecast.ts";
import { intervals, residualDeviation } from "./interval.ts";
import { assertCount, assertSeries, mean } from "./series.ts";

/**
 * Every step is the mean of the last `window` points; of all points where there are fewer.
 *
 * The model is a level with noise of deviation s. The mean of k points misses the level by s/√k, a new point by s, so the error
 * of every step has sd(h) = s · √(1 + 1/k), flat over h: fpp3's formula for the mean method with k points instead of all.
 * The one-step residuals y(t) − mean(y(t−k)…y(t−1)) already have that deviation, so s = σ̂ / √(1 + 1/k) and sd(h) = σ̂;
 * multiplying σ̂ again would count the mean's own error twice. A level that wanders is not covered: `backtest` shows by how much.
 *
 * `window` and `horizon` count steps of the series. Throws RangeError on an empty or non-finite series.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 3.3, 5.2 and 5.5.
 */
export function movingAverage(
  series: readonly number[],
  options: { readonly window: number; readonly horizon: number },
): Forecast {
  assertSeries(series);
  assertCount("window", options.window);
  assertCount("horizon", options.horizon);
  const window = Math.min(options.window, series.length);
  const level = mean(series.slice(-window));
  const residuals = series.slice(window).map((value, at) => value - mean(series.slice(at, at + window)));
  const points = new Array<number>(options.horizon).fill(level);
  const sd = new Array<number>(options.horizon).fill(residualDeviation(residuals));
  return {
    method: `moving average (${window})`,
    mean: points,
    intervals: residuals.length === 0 ? [] : intervals(points, sd),
    residuals,
    n: series.length,
  };
}
