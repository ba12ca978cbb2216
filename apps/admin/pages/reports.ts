import {
  card,
  type ExportFormat,
  exportFile,
  exportFormats,
  html,
  parseReportQuery,
  parseReportView,
  reportPage,
  sortRows,
} from "@jukebase/console";
import { asOfWords, findReport, runReport } from "@jukebase/domains/run-report.ts";
import type { Report, ReportParams, ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import type { Console } from "../console.ts";
import { show } from "../show.ts";

/** Every report of every domain, as page, CSV, JSON and XLSX: one question object behind all four. */
export function reportRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/reports", (request, response) => listReports(admin, request, response));
  routes.get("/reports/:file", async (request, response) => {
    const [, name = "", format] = /^(.*?)(?:\.([a-z]+))?$/.exec(request.params.file) ?? [];
    const report = findReport(admin.jukebase, exportFormats.some((known) => known === format) ? name : request.params.file);
    const known = exportFormats.find((ending) => ending === format);
    await (known ? sendFile(admin, request, response, report, known) : showReport(admin, request, response, report));
  });
  return routes;
}

async function listReports(admin: Console, request: Request, response: Response): Promise<void> {
  const groups = admin.jukebase.domains
    .filter((domain) => domain.reports.length > 0)
    .map((domain) => card({ title: domain.title, body: html`<ul class="tiles">${domain.reports.map(tile)}</ul>` }));
  const lead = "Each report answers one question. Its filters live in the address, so a link or a bookmark is a saved report.";
  await show(admin, request, response, { title: "Reports", lead, body: groups });
}

function tile({ name, title, description }: Report) {
  return html`<li><a href="/reports/${name}">${title}</a><p>${firstSentence(description)}</p></li>`;
}

async function showReport(admin: Console, request: Request, response: Response, report: Report): Promise<void> {
  const { params, view } = asked(admin, request, report);
  const answer = await runReport(admin.jukebase, report, params);
  const asOf = asOfWords(answer.as_of);
  const choices = choicesOf(report, await everyRow(admin, report, params, answer.rows));
  const path = `/reports/${report.name}`;
  const body = reportPage({ report, params, view, rows: answer.rows, asOf, path, choices, zone: admin.zone });
  const breadcrumbs = [{ label: "Reports", href: "/reports" }, { label: report.title }];
  await show(admin, request, response, { title: report.title, path, body, breadcrumbs });
}

async function sendFile(
  admin: Console,
  request: Request,
  response: Response,
  report: Report,
  format: ExportFormat,
): Promise<void> {
  const { params, view } = asked(admin, request, report);
  const { rows, as_of } = await runReport(admin.jukebase, report, params);
  const sorted = sortRows(report.columns, rows, view.sort);
  const exported = { name: report.name, fields: report.columns, rows: sorted, params, asOf: asOfWords(as_of) };
  const { filename, type, body } = await exportFile(exported, format, { bom: view.bom });
  response.attachment(filename).type(type).send(body);
}

function asked({ zone }: Console, { query }: Request, report: Report) {
  return { params: parseReportQuery(report, query, zone), view: parseReportView(report, query) };
}

// A filtered answer knows only the value it was filtered by; the other choices come from the same question without filters.
async function everyRow(
  admin: Console,
  report: Report,
  params: ReportParams,
  rows: readonly ReportRow[],
): Promise<readonly ReportRow[]> {
  if (Object.keys(params.where).length === 0) return rows;
  return (await runReport(admin.jukebase, report, { ...params, where: {} })).rows;
}

const choicesMax = 100;

function choicesOf({ filters, columns }: Report, rows: readonly ReportRow[]): Readonly<Record<string, readonly string[]>> {
  const shown = filters.filter((name) => columns.some((column) => column.name === name));
  const listed = shown.map((name) => {
    const values = new Set(rows.flatMap((row) => (row[name] === null || row[name] === undefined ? [] : [String(row[name])])));
    return [name, [...values].toSorted()] as const;
  });
  return Object.fromEntries(listed.filter(([, values]) => values.length > 0 && values.length <= choicesMax));
}

function firstSentence(text: string): string {
  return /^.*?[.?!](?=\s|$)/s.exec(text)?.[0] ?? text;
}
