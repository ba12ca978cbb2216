import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportFile, type jsonOf, parseReportQuery, parseReportView, reportPage, sortRows } from "../packages/console/index.ts";
import { catchUp } from "../packages/domains/catch-up.ts";
import type { Jukebase } from "../packages/domains/open.ts";
import { openedForTest } from "../packages/domains/opened.testing.ts";
import { asOfWords, runReport } from "../packages/domains/run-report.ts";
import { declareSource, load, readReceived } from "../packages/events/index.ts";
import { readRewardRules, writeScenario } from "../packages/mock-data/index.ts";
import { pgExecutor, type Report, type ReportRow } from "../packages/platform/index.ts";
import { lawCases, unzip } from "../packages/testing/index.ts";

let jukebase: Jukebase;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ jukebase, close } = await openedForTest());
  const folder = await mkdtemp(`${tmpdir()}/jukebase-export-`);
  const rules = await readRewardRules(new URL("../db/seeds/agent_reward_rules.csv", import.meta.url).pathname);
  const written = await writeScenario(folder, { scenario: "jukebox", scale: "small", seed: 3, rules });
  const source = await declareSource(pgExecutor(jukebase.database.pg), "jukebox");
  await load(jukebase, readReceived(createReadStream(written.events), { format: "ndjson" }), { source, name: "law 8" });
  await catchUp(jukebase);
  await rm(folder, { recursive: true });
});

afterAll(() => close?.());

const day = fc.integer({ min: 0, max: 900 }).map((n) => Temporal.PlainDate.from("2024-06-01").add({ days: n }).toString());

const question = fc.record({
  report: fc.nat(),
  days: fc.array(day, { maxLength: 2 }),
  bounds: fc.constantFrom("from", "to", "both"),
  grain: fc.nat(),
  filter: fc.option(
    fc.constantFrom(
      ["currency", "USD"],
      ["currency", "EUR"],
      ["product", "MusicMaker3000"],
      ["agent_id", "202"],
      ["flow", "spent"],
    ),
  ),
  sort: fc.option(fc.record({ column: fc.nat(), descending: fc.boolean() })),
  file: fc.integer({ min: 0, max: 9 }),
});

describe("law 8: the export is the screen", () => {
  it(
    "page, CSV, JSON and XLSX give the same rows in the same order, whatever is asked",
    async () => {
      const reports = jukebase.domains.flatMap((domain) => domain.reports);
      let rowsSeen = 0;
      await fc.assert(
        fc.asyncProperty(question, async (asked) => {
          const report = reports[asked.report % reports.length] as Report;
          const query = queryOf(report, asked);
          const params = parseReportQuery(report, query);
          const { sort } = parseReportView(report, query);
          const { rows, as_of } = await runReport(jukebase, report, params);
          rowsSeen += rows.length;
          const shown = sortRows(report.columns, rows, sort).slice(0, 500);
          const exported = { name: report.name, fields: report.columns, rows: shown, params, asOf: asOfWords(as_of) };
          const expected = shown.map((row) => report.columns.map(({ name }) => plain(row[name])));
          const page = String(
            reportPage({ report, params, rows: shown, asOf: exported.asOf, path: `/reports/${report.name}`, view: { sort } }),
          );
          expect(cellsOfHtml(page)).toEqual(expected);
          expect(cellsOfCsv(String((await exportFile(exported, "csv")).body)).slice(1)).toEqual(
            expected.map((row) => row.map((cell) => cell ?? "")),
          );
          const json = JSON.parse(String((await exportFile(exported, "json")).body)) as ReturnType<typeof jsonOf>;
          expect(json.rows.map((row) => json.columns.map(({ name }) => plain((row as ReportRow)[name])))).toEqual(expected);
          if (asked.file === 0)
            expect(cellsOfXlsx((await exportFile(exported, "xlsx")).body as Buffer, report)).toEqual(
              expected.map((row) => row.map((cell) => cell ?? "")),
            );
        }),
        { numRuns: lawCases(), endOnFailure: true },
      );
      expect(rowsSeen).toBeGreaterThan(lawCases());
    },
    lawCases() * 500 + 60_000,
  );
});

type Asked = {
  days: string[];
  bounds: string;
  grain: number;
  filter: readonly string[] | null;
  sort: { column: number; descending: boolean } | null;
};

function queryOf(report: Report, { days, bounds, grain, filter, sort }: Asked): Record<string, string> {
  const [first, last] = days.toSorted();
  const column = sort && report.columns[sort.column % report.columns.length]?.name;
  return {
    ...(first !== undefined && bounds !== "to" ? { from: first } : {}),
    ...(last !== undefined && bounds !== "from" ? { to: last } : {}),
    grain: report.grains[grain % report.grains.length] as string,
    ...(filter && report.filters.includes(filter[0] as string) ? { where: filter.join("=") } : {}),
    ...(sort && column ? { sort: `${sort.descending ? "-" : ""}${column}` } : {}),
  };
}

// Trailing zeros are how a number is written, not what it is.
function plain(value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  const text = String(value)
    .replaceAll(/(?<=\d),(?=\d{3})/g, "")
    .replace("−", "-");
  return /^-?\d+\.\d+$/.test(text) ? text.replace(/\.?0+$/, "") : text;
}

function cellsOfHtml(page: string): (string | null)[][] {
  const body = /<tbody>([\s\S]*?)<\/tbody>/.exec(page)?.[1] ?? "";
  return [...body.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) =>
    [...(row ?? "").matchAll(/<td[^>]*>([\s\S]*?)<\/td>/g)].map(([, cell]) => {
      if (cell?.includes('class="nothing"')) return null;
      return plain(unescaped((cell ?? "").replaceAll(/<[^>]+>/g, "").trim()));
    }),
  );
}

function unescaped(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

function cellsOfCsv(csv: string): string[][] {
  return (parse(csv) as string[][]).map((row) => row.map((cell) => plain(cell) ?? ""));
}

function cellsOfXlsx(file: Buffer, report: Report): string[][] {
  const files = unzip(file);
  const strings = [...(files.get("xl/sharedStrings.xml") ?? "").matchAll(/<si>([\s\S]*?)<\/si>/g)].map(([, item]) =>
    unescaped((item ?? "").replaceAll(/<[^>]+>/g, "")),
  );
  const sheet = files.get("xl/worksheets/sheet1.xml") ?? "";
  const rows = [...sheet.matchAll(/<row[^>]*>([\s\S]*?)<\/row>/g)].map(([, row]) => {
    const cells = report.columns.map(() => "");
    for (const [, letters, attributes, content] of (row ?? "").matchAll(/<c r="([A-Z]+)\d+"([^>]*?)(?:\/>|>([\s\S]*?)<\/c>)/g)) {
      const value = /<v>([\s\S]*?)<\/v>/.exec(content ?? "")?.[1] ?? (content ?? "").replaceAll(/<[^>]+>/g, "");
      const n = [...(letters as string)].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
      cells[n] = attributes?.includes('t="s"') ? (strings[Number(value)] ?? "") : unescaped(value);
    }
    return cells;
  });
  return rows
    .slice(1)
    .map((row) =>
      row.map((cell, n) => plain(report.columns[n]?.type === "date" && /^\d{5}$/.test(cell) ? excelDate(cell) : cell) ?? ""),
    );
}

// Spreadsheets count days from the last day of 1899.
function excelDate(days: string): string {
  return Temporal.PlainDate.from("1899-12-30")
    .add({ days: Number(days) })
    .toString();
}
