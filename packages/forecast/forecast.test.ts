import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Forecast, movingAverage, seasonalNaive } from "./index.ts";

describe("seasonal naive", () => {
  // Two years of quarters; the yearly differences are 2, -1, 2, 1, so σ̂ = √(10/4).
  const quarters = [10, 20, 30, 40, 12, 19, 32, 41];

  test("the next season is the last one, and the one after it too", () => {
    expect(seasonalNaive(quarters, { period: 4, horizon: 6 }).mean).toEqual([12, 19, 32, 41, 12, 19]);
  });

  test("the interval widens by the root of the seasons passed", () => {
    const forecast = seasonalNaive(quarters, { period: 4, horizon: 9 });
    const sigma = Math.sqrt(10 / 4);
    const half = forecast.intervals[1]?.high.map((high, step) => high - (forecast.mean[step] ?? 0)) ?? [];
    expect(forecast.residuals).toEqual([2, -1, 2, 1]);
    expect(half[3]).toBeCloseTo(1.959963984540054 * sigma, 10);
    expect(half[4]).toBeCloseTo(1.959963984540054 * sigma * Math.SQRT2, 10);
    expect(half[8]).toBeCloseTo(1.959963984540054 * sigma * Math.sqrt(3), 10);
  });

  test("fewer points than a season fall back to the last value, and the answer says so", () => {
    const forecast = seasonalNaive([5, 7, 6], { period: 12, horizon: 2 });
    expect(forecast).toMatchObject({ method: "naive", mean: [6, 6], residuals: [2, -1], n: 3 });
    expect(forecast.intervals[0]?.high[0]).toBeCloseTo(6 + 1.2815515655446004 * Math.sqrt(2.5), 10);
  });

  test("one season exactly is forecast without intervals: nothing is known about the error", () => {
    expect(seasonalNaive([3, 4], { period: 2, horizon: 3 })).toMatchObject({ mean: [3, 4, 3], intervals: [], residuals: [] });
  });
});

describe("moving average", () => {
  test("every step is the mean of the last points", () => {
    expect(movingAverage([100, 3, 6, 9], { window: 3, horizon: 2 })).toMatchObject({
      method: "moving average (3)",
      mean: [6, 6],
      n: 4,
    });
  });

  test("the interval is flat and as wide as the one-step errors", () => {
    const forecast = movingAverage([1, 3, 4, 2], { window: 2, horizon: 2 });
    expect(forecast.residuals).toEqual([2, -1.5]);
    const half = 1.2815515655446004 * Math.sqrt((4 + 2.25) / 2);
    expect(forecast.intervals[0]?.low[0]).toBeCloseTo(3 - half, 10);
    expect(forecast.intervals[0]?.low[1]).toBeCloseTo(3 - half, 10);
  });

  test("a window longer than the series takes all of it and gives no interval", () => {
    expect(movingAverage([2, 4], { window: 6, horizon: 1 })).toMatchObject({
      method: "moving average (2)",
      mean: [3],
      intervals: [],
    });
  });

  test("a lower bound may be below zero: clipping is the caller's", () => {
    expect(movingAverage([0, 10, 0, 10, 0], { window: 1, horizon: 1 }).intervals[0]?.low[0]).toBeLessThan(0);
  });
});

test("what cannot be forecast is refused in words", () => {
  expect(() => movingAverage([], { window: 3, horizon: 1 })).toThrow("at least one point");
  expect(() => seasonalNaive([1, Number.NaN], { period: 1, horizon: 1 })).toThrow("position 1");
  expect(() => movingAverage([1], { window: 0, horizon: 1 })).toThrow("window must be a whole number");
  expect(() => seasonalNaive([1], { period: 1, horizon: 1.5 })).toThrow("horizon must be a whole number");
});

describe("invariants", () => {
  const series = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 1, maxLength: 40 });
  const methods: ((values: readonly number[], lag: number) => Forecast)[] = [
    (values, lag) => movingAverage(values, { window: lag, horizon: 10 }),
    (values, lag) => seasonalNaive(values, { period: lag, horizon: 10 }),
  ];

  test.each(methods)("intervals hold the point, nest and never narrow (%#)", (method) => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 12 }), (values, lag) => {
        const { mean, intervals } = method(values, lag);
        const [inner, outer] = intervals;
        if (!inner || !outer) return;
        const widths = outer.high.map((high, step) => high - (outer.low[step] ?? 0));
        for (const [step, point] of mean.entries()) {
          expect(inner.low[step]).toBeLessThanOrEqual(point);
          expect(outer.low[step]).toBeLessThanOrEqual(inner.low[step] ?? Number.NaN);
          expect(inner.high[step]).toBeLessThanOrEqual(outer.high[step] ?? Number.NaN);
          expect((widths[step] ?? 0) - (widths[step - 1] ?? 0)).toBeGreaterThanOrEqual(-1e-6);
        }
      }),
    );
  });

  test.each(methods)("a series moved by a constant moves its forecast by that constant (%#)", (method) => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 12 }), fc.integer({ min: -1000, max: 1000 }), (values, lag, shift) => {
        const moved = method(
          values.map((value) => value + shift),
          lag,
        );
        for (const [step, point] of method(values, lag).mean.entries()) expect(moved.mean[step]).toBeCloseTo(point + shift, 6);
      }),
    );
  });
});
