import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ChartProps, chart } from "./chart.ts";
import { chartsOfRows } from "./chart-rows.ts";

const days = (values: readonly (string | number | null)[]) =>
  values.map((y, i) => ({ x: `2024-03-${String(i + 1).padStart(2, "0")}`, y }));
const props = (more: Partial<ChartProps>): ChartProps => ({
  id: "c",
  kind: "line",
  title: "Deliveries",
  description: "Per day.",
  series: [],
  ...more,
});
const draw = (more: Partial<ChartProps>) => String(chart(props(more)));
const count = (markup: string, pattern: RegExp) => [...markup.matchAll(pattern)].length;

describe("a chart", () => {
  it("is an image with a title and a description, in two sizes", () => {
    const markup = draw({ series: [{ name: "A", points: days([1, 2]) }] });
    expect(markup).toContain('role="img" aria-labelledby="c-wide-title c-wide-desc"');
    expect(markup).toContain('<title id="c-narrow-title">Deliveries</title><desc id="c-narrow-desc">Per day.</desc>');
  });

  it("leaves a gap where a value is missing", () => {
    const [, path = ""] =
      /class="stroke series-1" d="([^"]+)"/.exec(draw({ series: [{ name: "A", points: days(["1", "2", null, "3", "4"]) }] })) ??
      [];
    expect(count(path, /M/g)).toBe(2);
  });

  it("draws history solid and the forecast dashed, joined to it, over its interval", () => {
    const points = [
      ...days([1, 2]),
      { x: "2024-03-03", y: "3", low: "2", high: "4" },
      { x: "2024-03-04", y: "4", low: "2", high: "6" },
    ];
    const [, markup = ""] = draw({ kind: "band", series: [{ name: "A", points }] }).split('<svg class="chart-wide"');
    const [, solid = ""] = /class="stroke series-1" d="([^"]+)"/.exec(markup) ?? [];
    const [, dashed = ""] = /class="stroke series-1 dashed" d="([^"]+)"/.exec(markup) ?? [];
    expect([count(solid, /[ML]/g), count(dashed, /[ML]/g)]).toEqual([2, 3]);
    expect(dashed.startsWith(`M${solid.split("L").at(-1)}`)).toBe(true);
    expect(markup).toContain('class="interval series-1"');
  });

  it("stacks bars away from zero on both sides", () => {
    const bar = (name: string, y: number) => ({ name, points: [{ x: "a", y }] });
    const markup = draw({ kind: "bar", series: [bar("A", 10), bar("B", 5), bar("C", -5)] });
    const tops = [...markup.matchAll(/<rect class="fill series-\d" x="[\d.]+" y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)]
      .slice(0, 3)
      .map(([, y, height]) => [Number(y), Number(height)] as const);
    const [[a = 0, aHeight = 0] = [], [b = 0, bHeight = 0] = [], [c = 0] = []] = tops;
    expect(b + bHeight).toBeCloseTo(a, 0);
    expect(c).toBeCloseTo(a + aHeight, 0);
  });

  it("puts bars side by side when they are not parts of a whole", () => {
    const bar = (name: string, y: number) => ({
      name,
      points: [
        { x: "a", y },
        { x: "b", y },
      ],
    });
    const lefts = [
      ...draw({ kind: "bar", stacked: false, series: [bar("A", 10), bar("B", 5)] }).matchAll(
        /<rect class="fill series-\d" x="([\d.]+)"/g,
      ),
    ].map(([, x]) => x);
    expect(new Set(lefts.slice(0, 4)).size).toBe(4);
  });

  it("names several lines at their ends and never lets the names overlap", () => {
    const markup = draw({ series: ["A", "B", "C"].map((name) => ({ name, points: days([5, 5]) })) });
    const ys = [...markup.matchAll(/class="label series-\d" x="[\d.]+" y="([\d.]+)"/g)].map(([, y]) => Number(y));
    expect(ys).toHaveLength(3);
    for (const [i, y] of ys.entries()) if (i > 0) expect(y - (ys[i - 1] ?? 0)).toBeGreaterThanOrEqual(14.9);
  });

  it("has no room for a ninth series", () => {
    expect(() => draw({ series: Array.from({ length: 9 }, (_, i) => ({ name: String(i), points: days([1]) })) })).toThrow(
      RangeError,
    );
  });

  it("says so when there is nothing to draw", () => {
    expect(draw({ series: [{ name: "A", points: days([null]) }] })).toContain("nothing to draw");
  });

  it("values too small to divide a scale by are drawn as nothing", () => {
    const points = days([-5e-324, -1e-323]);
    expect(draw({ kind: "line", series: [{ name: "A", points }] })).not.toMatch(/NaN|Infinity/);
  });

  it("any values give finite coordinates and the same bytes twice", () => {
    const value = fc.option(
      fc.oneof(
        fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
        fc.constantFrom("0", "-0.01", "1e400", "12345678901234567890.12", "x"),
      ),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("line" as const, "bar" as const, "band" as const),
        fc.array(value, { minLength: 1, maxLength: 31 }),
        fc.boolean(),
        (kind, values, dates) => {
          const points = days(values).map((point, i) => (dates ? point : { ...point, x: `shelf ${i}` }));
          const markup = draw({ kind, series: [{ name: "A", points }] });
          expect(markup).not.toMatch(/NaN|Infinity|undefined/);
          expect(draw({ kind, series: [{ name: "A", points }] })).toBe(markup);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a report's rows", () => {
  const fields = [
    { name: "month", type: "date" as const, description: "" },
    { name: "shelf", type: "text" as const, description: "" },
    { name: "amount", type: "money" as const, description: "" },
    { name: "currency", type: "text" as const, description: "" },
  ];
  const of = (rows: readonly Record<string, string>[]) =>
    chartsOfRows({ id: "r", title: "R", chart: { kind: "bar", x: "month", y: ["amount"], series: "shelf" }, fields, rows });

  it("make a chart for each value of `per`, and in it for each currency", () => {
    const rows = ["in", "out"].flatMap((flow) =>
      ["USD", "EUR"].map((currency) => ({ month: "2024-01-01", shelf: "a", amount: "1", currency, flow })),
    );
    const chart = { kind: "bar" as const, x: "month", y: ["amount"], series: "shelf", per: "flow" };
    const titles = chartsOfRows({ id: "r", title: "R", chart, fields, rows }).map(({ title }) => title);
    expect(titles).toEqual(["R, in, EUR", "R, in, USD", "R, out, EUR", "R, out, USD"]);
  });

  it("of two currencies make two charts", () => {
    const charts = of([
      { month: "2024-01-01", shelf: "a", amount: "1", currency: "USD" },
      { month: "2024-01-01", shelf: "a", amount: "2", currency: "EUR" },
    ]);
    expect(charts.map(({ title, yLabel, series }) => [title, yLabel, series[0]?.points[0]?.y])).toEqual([
      ["R, EUR", "Amount, EUR", 2],
      ["R, USD", "Amount, USD", 1],
    ]);
  });

  it("beyond eight series the smaller ones are drawn as one", () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      month: "2024-01-01",
      shelf: `s${i}`,
      amount: String(i + 1),
      currency: "EUR",
    }));
    const [only] = of(rows);
    expect(only?.series.map(({ name }) => name)).toEqual(["s11", "s10", "s9", "s8", "s7", "s6", "s5", "Other (5)"]);
    expect(only?.series.at(-1)?.points).toEqual([{ x: "2024-01-01", y: 15 }]);
  });
});
