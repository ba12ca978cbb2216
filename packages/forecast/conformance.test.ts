import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { accuracy, type Forecast, seasonalNaive } from "./index.ts";

type Reference = {
  mean: number[];
  lower80: number[];
  upper80: number[];
  lower95: number[];
  upper95: number[];
  sMAPE: number;
  MASE: number;
};
type Case = {
  name: string;
  frequency: number;
  h: number;
  mase_lag: number;
  train: number[];
  test: number[];
  forecasts: { naive: Reference; snaive: Reference };
};

const file = new URL("../../../shared/conformance/forecast-cases.json", import.meta.url);
const cases: Case[] = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).series : [];

if (cases.length === 0)
  test.skip("R's forecasts of classic series: ../shared/conformance/forecast-cases.json is not here", () => {});

test.each(cases)("$name is forecast as R does: naive", (one) => {
  expectReference(one, seasonalNaive(one.train, { period: 1, horizon: one.h }), one.forecasts.naive);
});

test.each(cases)("$name is forecast as R does: seasonal naive", (one) => {
  expectReference(one, seasonalNaive(one.train, { period: one.frequency, horizon: one.h }), one.forecasts.snaive);
});

function expectReference(one: Case, forecast: Forecast, reference: Reference) {
  const [low80, low95] = forecast.intervals.map(({ low }) => low);
  const [high80, high95] = forecast.intervals.map(({ high }) => high);
  expectClose(forecast.mean, reference.mean);
  expectClose(low80, reference.lower80);
  expectClose(high80, reference.upper80);
  expectClose(low95, reference.lower95);
  expectClose(high95, reference.upper95);
  const measured = accuracy(one.test, forecast.mean, one.train, one.mase_lag);
  expectClose([measured.smape, measured.mase ?? Number.NaN], [reference.sMAPE, reference.MASE]);
}

function expectClose(actual: readonly number[] | undefined, expected: readonly number[]) {
  expect(actual).toHaveLength(expected.length);
  for (const [step, value] of expected.entries())
    expect(Math.abs((actual?.[step] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6 * Math.max(1e-3, Math.abs(value)));
}
