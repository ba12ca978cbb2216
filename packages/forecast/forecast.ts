import type { Interval } from "./interval.ts";

/** What every method returns: point forecasts for steps 1…horizon after the end of the series, with what they were judged by. */
export type Forecast = {
  /** The method as it was really applied, for example `moving average (3)`, or `naive` where the series is too short for a season. */
  readonly method: string;
  /** Point forecasts, one a step, in the unit of the series. */
  readonly mean: readonly number[];
  /** One per level (0.8, 0.95); empty where no residual exists, because then nothing is known about the error. */
  readonly intervals: readonly Interval[];
  /** In-sample one-step errors, actual − fitted, oldest first; points that have no fitted value yet have none. */
  readonly residuals: readonly number[];
  /** How many points the forecast was made from. */
  readonly n: number;
};
