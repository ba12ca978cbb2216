import { Invalid } from "@jukebase/platform/errors.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseReportQuery, parseReportView, reportSearch } from "./report-query.ts";
import { sampleReport, sampleReportPage } from "./sample.ts";

const parse = (query: Record<string, unknown>, zone?: string) => parseReportQuery(sampleReport, query, zone);

describe("a report's query", () => {
  it("is empty by default, which means the report's own defaults", () => {
    expect(parse({})).toEqual({
      from: undefined,
      to: undefined,
      grain: "month",
      tz: undefined,
      where: {},
      options: { minimum_orders: 0, include_cancelled: false, basis: "placed" },
    });
  });

  it("blank fields of a form count as not given", () => {
    expect(parse({ from: "", to: " ", grain: "", shelf: "", minimum_orders: "" })).toEqual(parse({}));
  });

  it("takes dates as they are, both included", () => {
    expect(parse({ from: "2024-03-10", to: "2024-03-25" })).toMatchObject({ from: "2024-03-10", to: "2024-03-25" });
  });

  it("takes timestamps on midnights as a half-open range", () => {
    expect(parse({ from: "2024-03-10T00:00:00Z", to: "2024-03-26T00:00:00Z" })).toMatchObject({
      from: "2024-03-10",
      to: "2024-03-25",
    });
    expect(parse({ from: "2024-03-09T23:00:00Z", to: "2024-04-01T00:00" }, "Europe/Rome")).toMatchObject({
      from: "2024-03-10",
      to: "2024-03-31",
    });
  });

  it.each([
    [{ from: "2024-03-10T12:00:00Z" }, /not a midnight in UTC/],
    [{ from: "2024-02-30" }, /no day of the calendar/],
    [{ to: "2024-03-10T25:00:00Z" }, /no moment/],
    [{ to: "yesterday" }, /neither a date/],
    [{ from: "2024-03-10", to: "2024-03-09" }, /ends .* before it begins/],
    [{ from: "2024-03-10T00:00Z", to: "2024-03-10T00:00Z" }, /ends .* before it begins/],
    [{ grain: "week" }, /day, month, year/],
    [{ tz: "Mars/Olympus" }, /IANA/],
    [{ tz: "+02:00" }, /IANA/],
    [{ where: "orders=3" }, /filters are shelf, currency/],
    [{ where: "shelf" }, /column=value/],
    [{ shelf: "a", where: "shelf=b" }, /twice/],
    [{ from: ["2024-01-01", "2024-01-02"] }, /once/],
    [{ color: "red" }, /no parameter "color"; it knows from, to/],
    [{ minimum_orders: "-1" }, /minimum_orders/],
    [{ minimum_orders: "many" }, /minimum_orders/],
    [{ basis: "guessed" }, /basis/],
    [{ include_cancelled: "maybe" }, /include_cancelled/],
  ])("%j is Invalid with a sentence", (query, sentence) => {
    expect(() => parse(query)).toThrow(Invalid);
    expect(() => parse(query)).toThrow(sentence);
  });

  it("takes filters by name and by where, and options by their type", () => {
    expect(
      parse({ shelf: "Cellar", where: ["currency=EUR"], minimum_orders: "3", include_cancelled: "yes", tz: "europe/rome" }),
    ).toMatchObject({
      where: { shelf: "Cellar", currency: "EUR" },
      options: { minimum_orders: 3, include_cancelled: true },
      tz: "Europe/Rome",
    });
  });

  it("takes a value with an equals sign", () => {
    expect(parse({ where: "shelf=a=b" }).where).toEqual({ shelf: "a=b" });
  });

  it("the order of rows must be by a column", () => {
    expect(parseReportView(sampleReport, { sort: "-amount", bom: "1" })).toEqual({
      sort: { column: "amount", descending: true },
      bom: true,
    });
    expect(() => parseReportView(sampleReport, { sort: "color" })).toThrow(/columns are month/);
  });

  it("written as a URL and read again is the same", () => {
    const text = fc
      .string({ unit: "grapheme", minLength: 1 })
      .filter((value) => value === value.trim() && value !== "" && value.isWellFormed());
    const date = fc
      .date({ min: new Date("1990-01-01"), max: new Date("2090-01-01"), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10));
    const query = fc.record(
      {
        from: date,
        grain: fc.constantFrom("day", "month"),
        shelf: text,
        currency: text,
        minimum_orders: fc.nat().map(String),
        include_cancelled: fc.constantFrom("true", "false"),
        basis: fc.constantFrom("placed", "shipped"),
        tz: fc.constantFrom("UTC", "Asia/Tokyo"),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(query, (given) => {
        const params = parse(given);
        const sort = { column: "amount", descending: true };
        const again = Object.fromEntries(new URLSearchParams(reportSearch(sampleReport, params, sort)));
        expect(parse(again)).toEqual(params);
        expect(parseReportView(sampleReport, again).sort).toEqual(sort);
      }),
    );
  });

  it("goes along to the files, the sorted columns and the form", () => {
    const document = sampleReportPage({ from: "2024-01-01", shelf: "Cellar", sort: "-amount", minimum_orders: "3" });
    for (const format of ["csv", "json", "xlsx"])
      expect(document).toContain(
        `href="/reports/monthly-orders.${format}?from=2024-01-01&amp;shelf=Cellar&amp;minimum_orders=3&amp;sort=-amount"`,
      );
    expect(document).toContain(
      'href="/reports/monthly-orders?from=2024-01-01&amp;shelf=Cellar&amp;minimum_orders=3&amp;sort=amount"',
    );
    expect(document).toContain('name="minimum_orders" aria-describedby="field-minimum_orders-hint" value="3"');
    expect(document).toContain('<input type="hidden" name="sort" value="-amount">');
  });
});
