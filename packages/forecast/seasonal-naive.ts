import type { Forecast } from "./forecast.ts";
import { intervals, residualDeviation } from "./interval.ts";
import { assertCount, assertSeries } from "./series.ts";

/**
 * The next season is the last one again: ŷ(T+h) = y(T+h−m(k+1)), k = ⌊(h−1)/m⌋. With `period` 1, or with fewer than `period`
 * points, it is the naive method (every step is the last value).
 *
 * Variance grows by one σ² a season: sd(h) = σ̂ · √(⌊(h−1)/m⌋ + 1), σ̂ from the one-step errors y(t) − y(t−m).
 * `period` and `horizon` count steps of the series. Throws RangeError on an empty or non-finite series.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), sections 5.2 and 5.5.
 */
export function seasonalNaive(
  series: readonly number[],
  options: { readonly period: number; readonly horizon: number },
): Forecast {
  assertSeries(series);
  assertCount("period", options.period);
  assertCount("horizon", options.horizon);
  const lag = series.length < options.period ? 1 : options.period;
  const steps = Array.from({ length: options.horizon }, (_, step) => step);
  const mean = steps.map((step) => series.at((step % lag) - lag) ?? Number.NaN);
  const residuals = series.slice(lag).map((value, at) => value - (series[at] ?? Number.NaN));
  const sigma = residualDeviation(residuals);
  const sd = steps.map((step) => sigma * Math.sqrt(Math.floor(step / lag) + 1));
  return {
    method: lag === 1 ? "naive" : `seasonal naive (${lag})`,
    mean,
    intervals: residuals.length === 0 ? [] : intervals(mean, sd),
    residuals,
    n: series.length,
  };
}
