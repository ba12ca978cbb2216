import { HtmlValidate } from "html-validate";
import { describe, expect, it } from "vitest";
import { assets, stylesheet } from "./assets.ts";
import { page } from "./page.ts";
import { sampleOverviewPage, sampleReport, sampleReportPage, sampleRows } from "./sample.ts";
import { table } from "./table.ts";

const validator = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: { "long-title": "off", "no-trailing-whitespace": "off" },
});
const complaints = async (document: string) =>
  (await validator.validateString(document)).results.flatMap(({ messages }) =>
    messages.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`),
  );

describe("pages", () => {
  it.each([
    ["every component", sampleOverviewPage()],
    ["a report", sampleReportPage()],
    [
      "a report that is filtered, sorted and shown in a zone",
      sampleReportPage({ from: "2024-01-01", shelf: "Cellar", sort: "-amount", tz: "Europe/Rome", minimum_orders: "3" }),
    ],
    ["a sign-in without navigation", page({ title: "Sign in", path: "/sign-in", nav: [], body: null, theme: "dark" })],
  ])("%s is valid and accessible HTML", async (_, document) => {
    expect(await complaints(document)).toEqual([]);
  });

  it("nothing is inline, so that a policy of default-src 'self' holds", () => {
    for (const document of [sampleOverviewPage(), sampleReportPage()]) {
      expect(document).not.toMatch(/\sstyle=|<style|\son[a-z]+=|<script(?! src=)|(?:src|href|action)="(?:https?:)?\/\//);
    }
  });

  it("every id is used once", () => {
    const ids = [...sampleOverviewPage().matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("the current link is marked, also for a page below it", () => {
    const nav = [
      {
        links: [
          { href: "/", label: "Start" },
          { href: "/jobs", label: "Jobs" },
        ],
      },
    ];
    expect(page({ title: "Jobs", path: "/jobs", nav, body: null })).toContain('<a href="/jobs" aria-current="page">');
    expect(page({ title: "Job 7", path: "/jobs/7", nav, body: null })).toContain('<a href="/jobs" aria-current="true">');
    expect(page({ title: "Elsewhere", path: "/jobsx", nav, body: null })).not.toContain("aria-current");
  });

  it("titles and names are escaped", () => {
    const document = page({
      title: "<script>",
      path: "/",
      nav: [],
      body: null,
      user: { name: "<b>" },
      flash: { tone: "info", text: "<i>" },
    });
    expect(document).not.toMatch(/<script>|<b>|<i>/);
  });

  it("the same input gives the same bytes", () => {
    expect(sampleOverviewPage()).toBe(sampleOverviewPage());
  });
});

describe("a table", () => {
  const markup = String(
    table({
      caption: "Orders",
      fields: sampleReport.columns,
      rows: sampleRows,
      sort: {
        current: { column: "amount", descending: true },
        href: ({ column, descending }) => `?sort=${descending ? "-" : ""}${column}`,
      },
      empty: "None",
    }),
  );

  it("names its columns for screen readers and tells the order", () => {
    expect(markup).toContain("<caption>Orders</caption>");
    expect(markup.match(/<th scope="col"/g)).toHaveLength(sampleReport.columns.length);
    expect(markup).toMatch(/title="Their value\." aria-sort="descending"><a href="\?sort=amount">/);
  });

  it("writes money exactly, at the right, and instants with their UTC time", () => {
    expect(markup).toContain('<td class="number negative">-1,250.50</td>');
    expect(markup).toContain('<time datetime="2024-03-01T00:05:00Z">2024-03-01 00:05 UTC</time>');
  });

  it("shows the currency beside the amount where it has no column of its own", () => {
    const fields = [{ name: "amount", type: "money" as const, description: "" }];
    expect(String(table({ caption: "A", fields, rows: [{ amount: "5", currency: "JPY" }], empty: "" }))).toContain(
      '<span class="unit">JPY</span> 5',
    );
  });

  it("without rows says what to do", () => {
    expect(String(table({ caption: "Orders", fields: [], rows: [], empty: "Load some." }))).toContain("<p>Load some.</p>");
  });
});

describe("assets", () => {
  it("carry their hash in the path and are served from here", () => {
    expect(assets().map(({ path }) => path.replace(/-[\w-]{16}\./, "."))).toEqual([
      "/assets/console.css",
      "/assets/htmx.js",
      "/assets/icon.svg",
    ]);
    for (const { path, etag, body } of assets()) {
      expect(path).toContain(etag.slice(1, -1));
      expect(body.length).toBeGreaterThan(100);
    }
    expect(
      assets()
        .map(({ body }) => body)
        .join(""),
    ).not.toContain("sourceMappingURL");
  });

  it("the stylesheet declares its layers before it uses them and asks nobody else for anything", () => {
    const { body, etag } = stylesheet();
    expect(body.indexOf("@layer tokens, base, layout, components, charts, print;")).toBeGreaterThan(0);
    expect(body.indexOf("@layer tokens,")).toBeLessThan(body.indexOf("{"));
    expect(body).not.toMatch(/url\(|@import/);
    expect(etag).toMatch(/^"[\w-]{16}"$/);
  });
});
