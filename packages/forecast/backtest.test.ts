import { describe, expect, test } from "vitest";
import { accuracy, backtest, movingAverage, seasonalNaive } from "./index.ts";

describe("accuracy", () => {
  test("errors of a small case, by hand", () => {
    const measured = accuracy([10, 12], [8, 12], [1, 3, 2, 4], 1);
    expect(measured.mae).toBe(1);
    expect(measured.rmse).toBeCloseTo(Math.SQRT2, 12);
    expect(measured.smape).toBeCloseTo((200 * 2) / 18 / 2, 12);
    expect(measured.mase).toBeCloseTo(1 / (5 / 3), 12);
  });

  test("a season scales the error by the error of the season before", () => {
    expect(accuracy([9], [7], [1, 5, 2, 7], 2).mase).toBeCloseTo(2 / 1.5, 12);
  });

  test("two zeros are no error, and a constant past gives no scale", () => {
    expect(accuracy([0], [0], [4, 4, 4], 1)).toEqual({ mae: 0, rmse: 0, smape: 0, mase: null });
    expect(accuracy([1], [2], [4], 1).mase).toBeNull();
  });

  test("lists of different length are refused", () => {
    expect(() => accuracy([1, 2], [1], [1, 2], 1)).toThrow("not 2 and 1");
  });
});

describe("back-test", () => {
  test("each origin sees only what was known there", () => {
    const seen: number[][] = [];
    backtest(
      [1, 2, 3, 4, 5, 6],
      (train, horizon) => {
        seen.push([...train]);
        return seasonalNaive(train, { period: 1, horizon });
      },
      { horizon: 2, origins: 2 },
    );
    expect(seen).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3],
    ]);
  });

  test("a straight line forecast naively errs by one step, then two", () => {
    const result = backtest([1, 2, 3, 4, 5, 6], (train, horizon) => seasonalNaive(train, { period: 1, horizon }), {
      horizon: 2,
      origins: 3,
    });
    expect(result?.origins).toBe(3);
    expect(result?.mase).toBeCloseTo(1.5, 12);
  });

  test("coverage is measured, not promised: white noise lies inside about as often as the level says", () => {
    const result = backtest(whiteNoise(600), (train, horizon) => movingAverage(train, { window: 4, horizon }), {
      horizon: 3,
      origins: 400,
    });
    const [eighty, ninetyFive] = result?.coverage ?? [];
    expect(eighty).toMatchObject({ level: 0.8, points: 1200 });
    expect(Math.abs((eighty?.measured ?? 0) - 0.8)).toBeLessThan(0.05);
    expect(Math.abs((ninetyFive?.measured ?? 0) - 0.95)).toBeLessThan(0.025);
  });

  test("a series too short for one origin has no answer", () => {
    const average = (train: readonly number[], horizon: number) => movingAverage(train, { window: 2, horizon });
    expect(backtest([1, 2, 3, 4], average, { horizon: 2, origins: 4 })?.origins).toBe(1);
    expect(backtest([1, 2, 3], average, { horizon: 2, origins: 4 })).toBeNull();
  });
});

/** Normal values of deviation 1 by Box–Muller over a fixed linear congruential generator: the same ones in every run. */
function whiteNoise(length: number): number[] {
  let state = 42;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Array.from({ length }, () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()));
}
