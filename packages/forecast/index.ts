export { accuracy } from "./accuracy.ts";
export { backtest } from "./backtest.ts";
export type { Forecast } from "./forecast.ts";
export { movingAverage } from "./moving-average.ts";
export { seasonalNaive } from "./seasonal-naive.ts";
