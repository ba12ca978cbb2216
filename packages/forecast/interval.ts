/** How sure an interval claims to be. `backtest` measures how sure it was. */
export type Level = 0.8 | 0.95;

/** Bounds of each step's forecast, same order and unit as the point forecasts. */
export type Interval = { readonly level: Level; readonly low: readonly number[]; readonly high: readonly number[] };

/** Normal quantiles of (1 + level) / 2. */
const quantiles: readonly (readonly [Level, number])[] = [
  [0.8, 1.2815515655446004],
  [0.95, 1.959963984540054],
];

/**
 * Prediction intervals mean ± z · sd(h), z the normal quantile: the errors are taken as normal, unbiased and uncorrelated.
 * A bound below zero is left as it is, also for money that cannot be negative: the caller knows its quantity, a clipped bound
 * hides how little is known, and clipping would change the measured coverage.
 * Source: Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), section 5.5.
 */
export function intervals(mean: readonly number[], sd: readonly number[]): Interval[] {
  return quantiles.map(([level, z]) => ({
    level,
    low: mean.map((point, step) => point - z * (sd[step] ?? 0)),
    high: mean.map((point, step) => point + z * (sd[step] ?? 0)),
  }));
}

/**
 * The standard deviation of one-step errors about zero: √(Σe² / number of residuals). No degree of freedom is taken off, because
 * neither method estimates a parameter from the series. Source: fpp3, section 5.5 (σ̂ with K = 0, M missing residuals).
 */
export function residualDeviation(residuals: readonly number[]): number {
  return Math.sqrt(residuals.reduce((sum, error) => sum + error * error, 0) / residuals.length);
}
