import { assertCount, mean } from "./series.ts";

/** How far forecasts were from what came. */
export type Accuracy = {
  /** Mean absolute error, in the unit of the series. */
  readonly mae: number;
  /** Root of the mean squared error, in the unit of the series. */
  readonly rmse: number;
  /** Symmetric mean absolute percentage error, 0…200: mean of 200·|a − f| / (|a| + |f|); a pair of zeros counts 0. */
  readonly smape: number;
  /** Error relative to the in-sample seasonal naive method (1 = as good); null where that method never erred or cannot be formed. */
  readonly mase: number | null;
};

/**
 * Measures forecasts against actual values of the same steps. MASE is scaled by the in-sample mean |y(t) − y(t−m)|, `period` m.
 * Throws RangeError when the lists differ in length or are empty.
 * Source: Hyndman & Koehler (2006), "Another look at measures of forecast accuracy"; fpp3, section 5.8.
 */
export function accuracy(
  actual: readonly number[],
  forecast: readonly number[],
  insample: readonly number[],
  period: number,
): Accuracy {
  assertCount("period", period);
  if (actual.length === 0 || actual.length !== forecast.length)
    throw new RangeError(`Accuracy needs as many actual values as forecasts, not ${actual.length} and ${forecast.length}.`);
  const pairs = actual.map((value, step) => [value, forecast[step] ?? Number.NaN] as const);
  const absolute = pairs.map(([a, f]) => Math.abs(a - f));
  const mae = mean(absolute);
  const scale = naiveScale(insample, period);
  return {
    mae,
    rmse: Math.sqrt(mean(absolute.map((error) => error * error))),
    smape: mean(pairs.map(([a, f]) => (a === f ? 0 : (200 * Math.abs(a - f)) / (Math.abs(a) + Math.abs(f))))),
    mase: scale > 0 ? mae / scale : null,
  };
}

function naiveScale(insample: readonly number[], period: number): number {
  return mean(insample.slice(period).map((value, at) => Math.abs(value - (insample[at] ?? Number.NaN))));
}
