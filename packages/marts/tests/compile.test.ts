import type { Mart } from "@jukebase/platform/mart.ts";
import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { type TestDatabase, testDatabase } from "@jukebase/testing";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { literal, quoted } from "../quote.ts";
import { compileTest, failsWhen, publicly } from "./compile.ts";

let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url, options: "-c timezone=UTC" });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await database.drop();
});

type Row = { readonly number: number | null; readonly text: string | null; readonly at: string };

/** Rows as a relation, so that a case writes nothing. */
const relation = (rows: readonly Row[]): string =>
  `(select number, text, at from jsonb_to_recordset(${literal(JSON.stringify(rows))}::jsonb) as row (number integer, text text, at timestamptz))`;

async function failing(of: MartTest, rows: readonly Row[], others: readonly Row[] = [], reference?: string) {
  const ground = {
    where: (mart: string) => relation(mart === "given" ? rows : others),
    whereElse: () => undefined,
    reference: reference === undefined ? undefined : new Date(reference),
  };
  return (await client.query<Record<string, unknown>>(compileTest({ mart: "given", seed: undefined, test: of }, ground))).rows;
}

const texts = fc.constantFrom("sold", "open", "O'Brien", "a\\'; drop table x; --", "ü 🎵", "");
const rows = fc.array(
  fc.record({
    number: fc.option(fc.integer({ min: 0, max: 4 })),
    text: fc.option(texts),
    at: fc.constant("2026-01-01T00:00:00Z"),
  }),
  { maxLength: 12 },
);
const where = fc.constantFrom(undefined, "number > 1");
const counts = (row: Row, condition: string | undefined): boolean => condition === undefined || (row.number ?? 0) > 1;
const rule = (condition: string | undefined) => (condition === undefined ? {} : { where: condition });
const columns = fc.constantFrom<(keyof Row)[]>(["number"], ["text"], ["number", "text"]);
const some = { numRuns: 150 };

describe("the rows that a compiled test finds are those that plain code finds:", () => {
  test("unique", async () => {
    const cases = fc.asyncProperty(rows, columns, where, async (given, named, condition) => {
      const keys = given
        .filter((row) => counts(row, condition) && named.every((name) => row[name] !== null))
        .map((row) => JSON.stringify(named.map((name) => row[name])));
      const twice = [...new Set(keys)].filter((key) => keys.filter((other) => other === key).length > 1).sort();
      const found = await failing({ test: "unique", columns: named, ...rule(condition) }, given);
      expect(found.map((row) => JSON.stringify(named.map((name) => row[name]))).sort()).toEqual(twice);
    });
    await fc.assert(cases, some);
  });

  test("not_null", async () => {
    const cases = fc.asyncProperty(
      rows,
      fc.constantFrom<keyof Row>("number", "text"),
      where,
      async (given, column, condition) => {
        const expected = given.filter((row) => counts(row, condition) && row[column] === null).length;
        expect(await failing({ test: "not_null", column, ...rule(condition) }, given)).toHaveLength(expected);
      },
    );
    await fc.assert(cases, some);
  });

  test("accepted_values, whatever stands in them", async () => {
    const accepted = fc.uniqueArray(texts, { minLength: 1 });
    const cases = fc.asyncProperty(rows, accepted, where, async (given, values, condition) => {
      const stray = given.filter((row) => counts(row, condition) && row.text !== null && !values.includes(row.text));
      const found = await failing({ test: "accepted_values", column: "text", values, ...rule(condition) }, given);
      expect(found.map(({ text }) => text).sort()).toEqual(stray.map(({ text }) => text).sort());
      const numbers = given.filter((row) => row.number !== null && ![0, 2].includes(row.number));
      expect(await failing({ test: "accepted_values", column: "number", values: [0, 2] }, given)).toHaveLength(numbers.length);
    });
    await fc.assert(cases, some);
  });

  test("relationships", async () => {
    const cases = fc.asyncProperty(rows, rows, columns, where, async (given, others, named, condition) => {
      const leads = (row: Row): boolean => others.some((other) => named.every((name) => other[name] === row[name]));
      const lost = given.filter((row) => counts(row, condition) && named.every((name) => row[name] !== null) && !leads(row));
      const found = await failing(
        { test: "relationships", columns: named, mart: "other", to: named, ...rule(condition) },
        given,
        others,
      );
      expect(found).toHaveLength(lost.length);
    });
    await fc.assert(cases, some);
  });

  test("expression, in which null is no failure", async () => {
    const cases = fc.asyncProperty(rows, where, async (given, condition) => {
      const bad = given.filter((row) => counts(row, condition) && row.number !== null && !(row.number < 3));
      const found = await failing({ test: "expression", sql: "number < 3 -- at most", ...rule(condition) }, given);
      expect(found).toHaveLength(bad.length);
    });
    await fc.assert(cases, some);
  });

  test("row_count", async () => {
    const cases = fc.asyncProperty(rows, fc.nat(6), fc.nat(6), where, async (given, a, b, condition) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      const count = given.filter((row) => counts(row, condition)).length;
      const found = await failing({ test: "row_count", min, max, ...rule(condition) }, given);
      expect(found).toEqual(count < min || count > max ? [{ rows: String(count) }] : []);
    });
    await fc.assert(cases, some);
  });
});

describe("a day is judged as plain code judges it:", () => {
  type Measure = "rows" | Extract<MartTest, { test: "column_anomaly" }>["measure"];
  const measures: Measure[] = ["rows", "null_share", "zero_share", "distinct", "mean", "sum", "min", "max"];
  // Per day, 0 days back first: the numbers of that day's rows.
  const history = fc.oneof(
    fc.array(fc.array(fc.option(fc.integer({ min: 0, max: 3 })), { maxLength: 4 }), { minLength: 1, maxLength: 40 }),
    fc.array(fc.constant<(number | null)[]>([1, 1]), { minLength: 1, maxLength: 40 }),
  );
  const settings = fc.record({
    measure: fc.constantFrom(...measures),
    today: fc.array(fc.option(fc.integer({ min: 0, max: 30 })), { maxLength: 12 }),
    days: fc.integer({ min: 3, max: 9 }),
    sigmas: fc.constantFrom(1, 1.5, 3),
    direction: fc.constantFrom("both" as const, "spike" as const, "drop" as const),
    weekly: fc.boolean(),
  });
  const day_ms = 86_400_000;
  const judged_ms = Date.parse("2026-03-29T00:00:00Z");

  const figureOf = (measure: Measure, numbers: readonly (number | null)[]): number | undefined => {
    const known = numbers.filter((number) => number !== null);
    if (measure === "rows") return numbers.length;
    if (measure === "sum") return known.reduce((sum, number) => sum + number, 0);
    if (measure === "distinct") return new Set(known).size;
    if (measure === "null_share") return numbers.length === 0 ? undefined : (numbers.length - known.length) / numbers.length;
    if (measure === "zero_share")
      return numbers.length === 0 ? undefined : known.filter((number) => number === 0).length / numbers.length;
    if (known.length === 0) return undefined;
    if (measure === "mean") return known.reduce((sum, number) => sum + number, 0) / known.length;
    return measure === "min" ? Math.min(...known) : Math.max(...known);
  };

  test("volume and columns, by day or weekday", async () => {
    let far = 0;
    const cases = fc.asyncProperty(history, settings, async (past, { measure, today, days, sigmas, direction, weekly }) => {
      const perDay = [today, ...past];
      const given = perDay.flatMap((numbers, back) =>
        numbers.map(
          (number): Row => ({ number, text: null, at: new Date(judged_ms - back * day_ms + 43_200_000).toISOString() }),
        ),
      );
      const first = perDay.findLastIndex((numbers) => numbers.length > 0);
      const step = weekly ? 7 : 1;
      const backs = Array.from({ length: days }, (_, n) => (n + 1) * step).filter((back) => back <= first);
      const figures = backs.map((back) => figureOf(measure, perDay[back] ?? [])).filter((figure) => figure !== undefined);
      const figure = first < 0 ? undefined : figureOf(measure, today);
      const mean = figures.reduce((sum, one) => sum + one, 0) / figures.length;
      const deviation = Math.sqrt(figures.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (figures.length - 1));
      const beyond = (direction === "spike" ? 0 : 1) * (mean - (figure ?? mean));
      const above = (direction === "drop" ? 0 : 1) * ((figure ?? mean) - mean);
      const excess = Math.max(beyond, above) - sigmas * deviation;
      const isEven = Math.abs((figure ?? mean) - mean) < 1e-9 && deviation < 1e-9;
      fc.pre(figures.length < 3 || isEven || Math.abs(excess) > 1e-9);
      const expected = figures.length >= 3 && !isEven && excess > 1e-9;
      far += Number(expected);
      const anomaly = { at: "at", days, sigmas, points: 3, direction, ...(weekly ? { seasonality: "weekday" as const } : {}) };
      const asked: MartTest =
        measure === "rows"
          ? { test: "volume_anomaly", ...anomaly }
          : { test: "column_anomaly", column: "number", measure, ...anomaly };
      const found = await failing(asked, given, [], "2026-03-30T09:00:00Z");
      expect(found).toHaveLength(expected ? 1 : 0);
      if (expected) expect(Number(found[0]?.points)).toBe(figures.length);
    });
    await fc.assert(cases, { numRuns: 400 });
    expect(far).toBeGreaterThan(20);
  });

  const days = (numbers: readonly number[]): Row[] =>
    numbers.flatMap((count, back) =>
      Array.from({ length: count }, () => ({ number: 1, text: null, at: new Date(judged_ms - back * day_ms).toISOString() })),
    );

  test("the day that is not over is left out", async () => {
    const rows = days([5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
    const volume: MartTest = { test: "volume_anomaly", at: "at" };
    expect(await failing(volume, rows, [], "2026-03-30T09:00:00Z")).toEqual([]);
    expect(await failing(volume, rows, [], "2026-03-31T09:00:00Z")).toMatchObject([{ figure: "0", mean: "5", deviation: "0" }]);
    expect(await failing(volume, rows)).toEqual([]);
  });

  test("with fewer than 7 days to compare with nothing is said", async () => {
    const volume: MartTest = { test: "volume_anomaly", at: "at" };
    expect(await failing(volume, days([99, 5, 5, 5, 5, 5, 5]), [], "2026-03-30T09:00:00Z")).toEqual([]);
    expect(await failing(volume, days([99, 5, 5, 5, 5, 5, 5, 5]), [], "2026-03-30T09:00:00Z")).toMatchObject([{ points: "7" }]);
  });
});

describe("freshness", () => {
  const fresh: MartTest = { test: "freshness", column: "at", within_s: 3600 };
  const row: Row = { number: 1, text: null, at: "2026-03-01T10:00:00Z" };

  test("is the distance from the newest value to the newest event", async () => {
    expect(await failing(fresh, [row], [], "2026-03-01T11:00:00Z")).toEqual([]);
    expect(await failing(fresh, [row], [], "2026-03-01T11:00:01Z")).toMatchObject([{ within_s: 3600 }]);
    expect(await failing(fresh, [row])).toEqual([]);
    expect(await failing(fresh, [], [], "2026-03-01T11:00:01Z")).toEqual([]);
  });

  test("of a date counts from the end of its day", async () => {
    const dated = { where: () => "(select date '2026-03-01' as at)", whereElse: () => undefined };
    const found = async (iso: string) =>
      (await client.query(compileTest({ mart: "given", seed: undefined, test: fresh }, { ...dated, reference: new Date(iso) })))
        .rowCount;
    expect(await found("2026-03-02T01:00:00Z")).toBe(0);
    expect(await found("2026-03-02T01:00:01Z")).toBe(1);
  });
});

describe("names and values", () => {
  test("cannot leave their quotes", async () => {
    const named = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !/[.\0]/.test(name));
    const cases = fc.asyncProperty(
      named,
      fc.string().filter((text) => !text.includes("\0")),
      async (column, value) => {
        const ground = { where: () => `(select ${literal(value)}::text as ${quoted(column)})`, whereElse: () => undefined };
        const asked: MartTest[] = [
          { test: "not_null", column },
          { test: "accepted_values", column, values: [value] },
          { test: "unique", columns: [column] },
          { test: "relationships", columns: [column], mart: "other", to: [column] },
        ];
        for (const of of asked)
          expect(
            (await client.query(compileTest({ mart: "given", seed: undefined, test: of }, { ...ground, reference: undefined })))
              .rows,
          ).toEqual([]);
      },
    );
    await fc.assert(cases, { numRuns: 60 });
  });

  test("stand in the SELECT as a person would write them", () => {
    const mart: Mart["name"] = "fct_sales";
    const sql = compileTest(
      {
        mart,
        seed: undefined,
        test: { test: "accepted_values", column: "status", values: ["sold", "open"], where: "price > 0" },
      },
      { where: publicly, whereElse: () => undefined, reference: undefined },
    );
    expect(sql).toBe(
      'select *\nfrom "marts"."fct_sales" as "fct_sales"\nwhere (price > 0) and "fct_sales"."status" not in (\'sold\', \'open\')',
    );
    expect(failsWhen(mart, { test: "row_count", min: 1 }, { where: publicly })).toBeUndefined();
  });
});
