import { card, code, definitions, formatInstant, formatNumber, html, notice, table } from "@jukebase/console";
import { type FailingRow, keptRows, type TestRunOf, type TestStanding, testHistory, testStandings } from "@jukebase/marts";
import { NotFound } from "@jukebase/platform";
import type { Request, Response } from "express";
import { address, asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { stateBadge, testable } from "../mart-test-parts.ts";
import { show } from "../show.ts";

/** One test: how it stands, its failing rows, its SELECT, its runs. `run` in the URL chooses whose rows are shown. */
export async function showMartTest(admin: Console, request: Request, response: Response): Promise<void> {
  const name = String(request.params.name);
  const test = (await testStandings(admin.db, testable(admin))).find((one) => one.name === name);
  if (test === undefined) throw new NotFound(`No test is called ${name}.`);
  const runs = await testHistory(admin.db, name, runs_max);
  const run_id = asked(request.query, "run");
  const run = run_id === undefined ? runs[0] : runs.find((one) => one.run_id === run_id);
  if (run === undefined && run_id !== undefined) throw new NotFound(`The test ${name} has no run ${run_id} any more.`);
  const rows = run === undefined ? [] : await keptRows(admin.db, name, run.run_id);
  const body = html`${verdict(test, admin.zone)}
${card({ body: facts(test, admin.zone) })}
${run && run.rows > 0 && card({ title: "Failing rows", body: rowTable(rows, run, admin.zone) })}
${run && card({ title: "The SELECT of its failing rows", body: code(run.sql, `SQL of ${name}`) })}
${card({ title: "Runs", body: runTable(name, runs, admin.zone) })}`;
  const breadcrumbs = [{ label: "Marts", href: "/marts" }, { label: "Tests", href: "/marts/tests" }, { label: name }];
  await show(admin, request, response, { title: name, lead: test.words, path: "/marts/tests", body, breadcrumbs });
}

const runs_max = 50;

function verdict({ status, rows, error, failing_since }: TestStanding, zone: string) {
  if (status === "not run")
    return notice({ tone: "info", title: "It has not been run yet", next: html`<code>jukebase marts test</code>` });
  if (status === "pass") return null;
  const since = `since ${instantOf(failing_since, zone)}`;
  if (status === "error") return notice({ tone: "error", title: `It cannot be run ${since}`, body: error });
  const found = `${formatNumber(String(rows))} ${rows === 1 ? "row" : "rows"} when last tested`;
  return notice({
    tone: status === "warn" ? "warn" : "error",
    title: `${status === "warn" ? "It warns" : "It fails"} ${since}`,
    body: found,
  });
}

function facts(
  { test, mart, seed, origin, severity, status, rows, tested_at, duration_ms, ...test_ }: TestStanding,
  zone: string,
) {
  return definitions([
    ["State", stateBadge(status)],
    ["Of", mart === undefined ? (seed === undefined ? "a domain's tables and marts" : `seeds.${seed}`) : martLink(mart)],
    ["Kind", html`<code>${test}</code>`],
    ["Why it is there", origins[origin]],
    ["Severity", severityOf({ severity, ...test_ })],
    ["Failing rows", rows === null ? "not counted yet" : formatNumber(String(rows))],
    ["Last tested", instantOf(tested_at, zone)],
    ["Took", duration_ms === null ? "nothing yet" : `${formatNumber(String(duration_ms))} ms`],
  ]);
}

const origins = {
  key: "the key of the mart",
  reference: "a reference to another mart",
  declared: "declared with the mart",
  check: "a check of the domain",
} as const;

function martLink(mart: string) {
  return html`<a href="${`/marts/${mart}`}">${mart}</a>`;
}

function severityOf({ severity, warnFrom, errorFrom }: Pick<TestStanding, "severity" | "warnFrom" | "errorFrom">): string {
  const from = (count: number): string => `from ${count} ${count === 1 ? "row" : "rows"} on`;
  if (severity === "warn") return `warns ${from(warnFrom)}`;
  return warnFrom < errorFrom ? `warns ${from(warnFrom)}, fails ${from(errorFrom)}` : `fails ${from(errorFrom)}`;
}

function instantOf(at: string | null, zone: string): string {
  return at === null ? "never" : formatInstant(Temporal.Instant.from(at), zone);
}

function rowTable(rows: readonly FailingRow[], run: TestRunOf, zone: string) {
  const when = instantOf(run.started_at, zone);
  if (rows.length === 0) return html`<p>Of the run of ${when} no row is kept any more; a later run keeps them again.</p>`;
  const names = Object.keys(rows[0] ?? {});
  const kept = rows.length < run.rows ? `${rows.length} of ${run.rows} rows` : "All of them";
  return html`<p>${kept}, as they were in the run of ${when}. What tells of natural persons is masked.</p>
${table({
  caption: "Failing rows",
  captionHidden: true,
  fields: names.map((name) => ({ name, type: "text", description: `The column ${name}.` }) as const),
  rows,
  empty: null,
})}`;
}

function runTable(name: string, runs: readonly TestRunOf[], tz: string) {
  return table({
    caption: "Runs",
    captionHidden: true,
    fields: runFields,
    rows: runs.map(({ positions, sql: _, actor, asked_by, error, ...run }) => ({
      ...run,
      asked_by: actor === null ? asked_by : `${asked_by} (${actor})`,
      held: Object.entries(positions ?? {})
        .map(([projection, seq]) => `${projection} batch ${seq}`)
        .join(", "),
      error,
    })),
    link: (field, row) =>
      field.name === "started_at" && Number(row.kept) > 0
        ? address(`/marts/tests/${encodeURIComponent(name)}`, { run: String(row.run_id) })
        : undefined,
    cell: (field, row) => (field.name === "status" ? stateBadge(String(row.status)) : undefined),
    empty: "It has not been run yet.",
    tz,
  });
}

const runFields = [
  { name: "started_at", type: "timestamp", description: "When the run began; leads to the rows that are kept of it." },
  { name: "status", type: "text", description: "How it went." },
  { name: "rows", type: "integer", description: "How many rows failed." },
  { name: "kept", type: "integer", description: "How many of them are kept." },
  { name: "duration_ms", type: "integer", description: "How long it took, or its share of a scan for several tests." },
  { name: "asked_by", type: "text", description: "A build, a refresh, or a person." },
  { name: "held", type: "text", description: "Up to which batch of events the mart was, by projection." },
  { name: "error", type: "text", description: "Why it could not be run." },
] as const;
