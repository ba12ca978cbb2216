import { exportFile, jsonOf, parseReportQuery, parseReportView, sortRows } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { asOfWords, findReport, reportingZone, runReport } from "@jukebase/domains/run-report.ts";
import type { Report } from "@jukebase/platform";
import type { RequestHandler } from "express";
import { z } from "zod";
import type { reportSummary } from "./schemas.ts";

/** `GET /v1/reports`: every question that can be asked, with its parameters. */
export function listReports({ domains }: Jukebase): RequestHandler {
  const reports = domains.flatMap((domain) => domain.reports.map((report) => summaryOf(domain.name, report)));
  return (_request, response) => {
    response.json({ reports });
  };
}

/** `GET /v1/reports/{name}`, also with `.json`, `.csv` or `.xlsx`: the answer, with the same parameters and in the same order as the page's. */
export function answerReport(jukebase: Jukebase): RequestHandler<{ name: string }> {
  return async ({ params: { name }, query }, response) => {
    const [, bare = name, ending = "json"] = /^(.*)\.(json|csv|xlsx)$/.exec(name) ?? [];
    const report = findReport(jukebase, bare);
    const params = parseReportQuery(report, query, await reportingZone(jukebase));
    const { sort, bom } = parseReportView(report, query);
    const answer = await runReport(jukebase, report, params);
    const rows = sortRows(report.columns, answer.rows, sort);
    const exported = { name: report.name, fields: report.columns, rows, params, asOf: asOfWords(answer.as_of) };
    if (ending === "json") {
      response.json({ ...jsonOf(exported), as_of: answer.as_of });
      return;
    }
    const made = await exportFile(exported, ending as "csv" | "xlsx", { bom });
    response.attachment(made.filename).type(made.type).send(made.body);
  };
}

function summaryOf(domain: string, report: Report): z.infer<typeof reportSummary> {
  const { name, title, description, columns, grains, defaultGrain, filters, options } = report;
  return {
    name,
    domain,
    title,
    description,
    columns: columns.map((column) => ({ ...column })),
    grains: [...grains],
    default_grain: defaultGrain,
    filters: [...filters],
    options: z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as Record<string, unknown>,
  };
}
