import type { Report, ReportRow } from "@jukebase/platform/report.ts";
import { z } from "zod";
import { badge, card, code, columns, definitions, notice, steps } from "./blocks.ts";
import { chart } from "./chart.ts";
import { checkbox, form, selectField, textArea, textField } from "./form.ts";
import { type HtmlValue, html } from "./html.ts";
import { type PageProps, page } from "./page.ts";
import { pagination } from "./pagination.ts";
import { reportPage } from "./report-page.ts";
import { parseReportQuery, parseReportView } from "./report-query.ts";
import { stats } from "./stat.ts";
import { table } from "./table.ts";

/** A made-up report, for tests and for looking at the components. */
export const sampleReport: Report = {
  name: "monthly-orders",
  title: "Orders by shelf",
  description:
    "How much was ordered per month and shelf. An order counts in the month in which it was placed, cancelled ones are left out.",
  columns: [
    { name: "month", type: "date", description: "First day of the month." },
    { name: "shelf", type: "text", description: "Where the goods stand." },
    { name: "orders", type: "integer", description: "How many orders." },
    { name: "amount", type: "money", description: "Their value." },
    { name: "currency", type: "text", description: "ISO 4217." },
    { name: "last_order_at", type: "timestamp", description: "When the last one came." },
    { name: "closed", type: "boolean", description: "Whether the month is closed." },
  ],
  grains: ["day", "month", "year"],
  defaultGrain: "month",
  filters: ["shelf", "currency"],
  options: z.object({
    minimum_orders: z.int().min(0).default(0).describe("Leaves out shelves with fewer orders."),
    include_cancelled: z.boolean().default(false).describe("Counts cancelled orders too."),
    basis: z.enum(["placed", "shipped"]).default("placed").describe("Which day counts."),
  }),
  marts: ["fct_orders"],
  query: () => {
    throw new Error("the sample has no database");
  },
  chart: { kind: "bar", x: "month", y: ["amount"], series: "shelf" },
};

/** Two years of rows for it. */
export const sampleRows: readonly ReportRow[] = Array.from({ length: 60 }, (_, i) => {
  const [month, shelf] = [Math.floor(i / 4), i % 4];
  return {
    month: `${2023 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01`,
    shelf: ["North wall", "South wall", "Cellar", "Window & <door>"][shelf] ?? null,
    orders: 1200 + ((i * 7919) % 900) * (shelf + 1),
    amount:
      shelf === 2 && month % 5 === 0
        ? "-1250.50"
        : `${18_000 + ((i * 104_729) % 9000) * (4 - shelf)}.${String((i * 37) % 100).padStart(2, "0")}`,
    currency: "EUR",
    last_order_at: `2024-03-${String((i % 27) + 1).padStart(2, "0")}T${String(i % 24).padStart(2, "0")}:05:00Z`,
    closed: month < 14,
  };
});

const frame: Omit<PageProps, "title" | "path" | "body"> = {
  nav: [
    {
      links: [
        { href: "/", label: "Overview" },
        { href: "/search", label: "Explore" },
      ],
    },
    {
      title: "Reports",
      links: ["Orders by shelf", "Deliveries", "Open amounts", "Forecast"].map((label) => ({
        href: `/reports/${label === "Orders by shelf" ? "monthly-orders" : label.toLowerCase().replaceAll(" ", "-")}`,
        label,
      })),
    },
    {
      title: "Data",
      links: [
        { href: "/events", label: "Events" },
        { href: "/quarantine", label: "Quarantine", count: 12 },
        { href: "/marts", label: "Marts" },
        { href: "/jobs", label: "Jobs" },
      ],
    },
    {
      title: "Settings",
      links: [
        { href: "/users", label: "Users and roles" },
        { href: "/keys", label: "API keys" },
        { href: "/audit", label: "Audit log" },
      ],
    },
  ],
  user: { name: "Ada Byron", role: "finance", signOut: "/sign-out" },
  csrf: "token-of-the-session",
  search: { action: "/search", placeholder: "Search ids, names, pages" },
  version: "0.1.0",
  asOf: "2024-03-31 14:05 UTC",
};

/** The report's page, asked with a filter bar, chart and table. */
export function sampleReportPage(query: Record<string, string> = {}, theme?: "light" | "dark"): string {
  const [params, view] = [parseReportQuery(sampleReport, query), parseReportView(sampleReport, query)];
  const body = reportPage({
    report: sampleReport,
    params,
    view,
    rows: sampleRows,
    asOf: "2024-03-31 14:05 UTC",
    path: "/reports/monthly-orders",
    choices: { currency: ["EUR", "USD"] },
  });
  return page({
    ...frame,
    title: sampleReport.title,
    path: "/reports/monthly-orders",
    body,
    breadcrumbs: [{ label: "Reports", href: "/reports" }, { label: sampleReport.title }],
    ...(theme ? { theme } : {}),
  });
}

/** A page with every other component once. */
export function sampleOverviewPage(theme?: "light" | "dark"): string {
  return page({
    ...frame,
    title: "Overview",
    path: "/",
    body: overview(),
    lead: "What came in, what is owed and what needs a hand today.",
    flash: { tone: "good", text: "Three events were replayed." },
    ...(theme ? { theme } : {}),
  });
}

function overview(): HtmlValue {
  return html`${stats([
    {
      label: "Ordered this month",
      value: "1,204,310.55",
      unit: "EUR",
      delta: { text: "12.4 % on February", direction: "up", good: true },
      note: "so far",
      href: "/reports/monthly-orders",
    },
    {
      label: "Open amounts",
      value: "88,120.00",
      unit: "EUR",
      delta: { text: "4.0 % on February", direction: "up", good: false },
      href: "/reports/open-amounts",
    },
    { label: "Orders", value: "14,022", delta: { text: "as in February", direction: "flat" } },
    { label: "In quarantine", value: "12", note: "oldest 2 h" },
  ])}
${card({ title: "Expected", body: chart(forecastChart), actions: html`<a class="button quiet small" href="/reports/forecast">Open report</a>` })}
${card({ body: chart(linesChart) })}
${columns([
  card({
    title: "Order 4711",
    body: html`${definitions([
      ["Customer", "North & Sons"],
      ["State", badge("open", "warn")],
      ["Paid", badge("paid", "good")],
      ["Refused", badge("failed", "error")],
      ["Kind", badge("draft")],
      ["Placed", "2024-03-10 14:05 UTC"],
    ])}${code('{\n  "type": "Order.Placed",\n  "amount": "<12.50>"\n}', "Payload")}`,
  }),
  html`${notice({ tone: "warn", title: "Two marts are stale", body: "They wait for events of an hour ago.", next: html`<a href="/jobs">Look at the jobs</a>` })}${notice({ tone: "error", title: "The mail server refused 3 messages", next: "Check the address in Settings, then send again." })}${notice({ tone: "info", title: "A new version is there" })}`,
])}
${columns([card({ title: "Correct and replay", body: form({ action: "/quarantine/1/replay", csrf: "token", submit: "Replay", body: html`${textField({ name: "amount", label: "Amount", value: "12,50", error: "Write a decimal point: 12.50", required: true })}${selectField({ name: "reason", label: "Reason", choices: [{ value: "typo", label: "Typing error" }], hint: "Kept in the audit log." })}${textArea({ name: "body", label: "Body", code: true, value: '{"a": 1}', rows: 3 })}${checkbox({ name: "all", label: "All with the same reason", hint: "11 more events." })}` }) }), card({ title: "Begin", body: steps([{ title: "Make a key", done: true }, { title: "Send an event", body: code("curl -d @event.json https://…/v1/events", "Command") }, { title: "Look at a report" }]) })])}
${card({
  title: "Latest",
  body: table({
    caption: "Latest events",
    captionHidden: true,
    fields: [
      { name: "event_id", type: "uuid", description: "Key." },
      { name: "received_at", type: "timestamp", description: "Receipt." },
      { name: "amount", type: "money", description: "Value." },
    ],
    rows: [
      {
        event_id: "0198c1f2-7d3e-7b1a-9c55-0f7d4d7e1a11",
        received_at: "2024-03-10 14:05:09+00",
        amount: "12.5",
        currency: "USD",
      },
      { event_id: "0198c1f2-7d3e-7b1a-9c55-0f7d4d7e1a12", received_at: null, amount: "-3.123456", currency: "USD" },
    ],
    empty: "None yet.",
  }),
})}
${pagination({ label: "Events", position: "1–2 of 4,512", next: "/events?after=2" })}
${card({ title: "Nothing here", body: table({ caption: "Open orders", fields: [], rows: [], empty: "There are none. Load some with the import page." }) })}`;
}

const forecastChart = {
  id: "forecast",
  kind: "band" as const,
  title: "Cash in, history and forecast",
  description: "Cash received per month, then its forecast with a 80 % interval.",
  yLabel: "Received, EUR",
  series: [
    {
      name: "Received",
      points: Array.from({ length: 24 }, (_, i) => {
        const y = 40_000 + i * 1500 + Math.round(9000 * Math.sin(i));
        const spread = (i - 17) * 2600;
        return {
          x: `${2023 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, "0")}-01`,
          y: String(y),
          ...(i >= 18 ? { low: String(y - spread), high: String(y + spread) } : {}),
        };
      }),
    },
  ],
};

const linesChart = {
  id: "lines",
  kind: "line" as const,
  title: "Deliveries per day",
  description: "Deliveries per day and place; a day without any report is a gap.",
  series: ["Rome", "Turin", "Bari", "Pisa"].map((name, s) => ({
    name,
    points: Array.from({ length: 30 }, (_, i) => ({
      x: `2024-03-${String(i + 1).padStart(2, "0")}`,
      y: s === 1 && i > 10 && i < 14 ? null : 300 - s * 40 + ((i * 31 + s * 17) % 60),
    })),
  })),
};
