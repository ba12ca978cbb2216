import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Jukebase } from "./open.ts";
import { openedForTest } from "./opened.testing.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
});

afterAll(() => close?.());

const day_ms = 86_400_000;
const iso = (at: Date): string => at.toISOString().slice(0, 10);

const firstDay: Readonly<Record<string, (day: Date) => Date>> = {
  day: (day) => day,
  week: (day) => new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * day_ms),
  month: (day) => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1)),
  quarter: (day) => new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - (day.getUTCMonth() % 3), 1)),
  year: (day) => new Date(Date.UTC(day.getUTCFullYear(), 0, 1)),
};

it("a period's first day is what the calendar says, for every grain", async () => {
  const days = fc
    .sample(fc.date({ min: new Date("1000-01-08"), max: new Date("9998-12-31"), noInvalidDate: true }), 2_000)
    .map(iso);
  for (const [grain, first] of Object.entries(firstDay)) {
    const { rows } = await jukebase.database.pg.query<{ day: string; first: string }>(
      "select day::text, platform.period($1, day)::text as first from unnest($2::date[]) as day",
      [grain, days],
    );
    for (const { day, first: found } of rows) expect(found, `${grain} of ${day}`).toBe(iso(first(new Date(`${day}T00:00:00Z`))));
  }
});

it("there is no period of another grain", async () => {
  const { rows } = await jukebase.database.pg.query("select platform.period('decade', date '2025-03-04') as first");
  expect(rows).toEqual([{ first: null }]);
});
