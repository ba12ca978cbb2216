import { badge, buttonLink, card, formatInstant, html, notice, table } from "@jukebase/console";
import { projectionBalance, sourceBalances } from "@jukebase/events";
import { type CheckFailure, type FailingTests, failingTests, runChecks } from "@jukebase/marts";
import { type Request, type Response, Router } from "express";
import type { Console } from "../console.ts";
import { show } from "../show.ts";
import { rebuildsTable } from "./rebuilds.ts";

/** Whether everything adds up: nothing lost between receipt and log, nor between log and tables, and no check finds a row. */
export function doctorRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/doctor", (request, response) => examine(admin, request, response));
  return routes;
}

async function examine(admin: Console, request: Request, response: Response): Promise<void> {
  const { jukebase, db } = admin;
  const sources = await sourceBalances(db);
  const projections = [];
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections))
    projections.push(await projectionBalance(db, projection));
  const checks = jukebase.domains.flatMap((domain) => domain.checks);
  const failures = await runChecks(db, checks);
  const tests = await failingTests(db);
  const wrong =
    [...sources, ...projections].some(({ lost }) => lost !== 0) ||
    failures.some(({ severity }) => severity === "error") ||
    tests.failing > 0;
  const body = html`${verdict(wrong)}
${card({ title: "Received = logged + duplicates + in quarantine + discarded + expired", body: balanceTable("Sources", sourceFields, sources) })}
${card({ title: "Events = projected + changes + withdrawn + waiting + parked + unread", body: balanceTable("Projections", projectionFields, projections) })}
${card({
  title: "Checks",
  body: checkTable(
    checks.map(({ name }) => name),
    failures,
  ),
})}
${card({ title: "Tests of marts", body: testLine(tests, admin.zone) })}
${card({ title: "Rebuilds from the log", body: await rebuildsTable(db) })}`;
  const actions = buttonLink({ label: "Examine again", href: "/doctor" });
  await show(admin, request, response, { title: "Doctor", lead: "Examined just now, on the tables as they are.", body, actions });
}

function verdict(wrong: boolean) {
  return wrong
    ? notice({
        tone: "error",
        title: "Something does not add up",
        next: "The rows marked below say where. Keep the database as it is and look at the log of the process.",
      })
    : notice({
        tone: "good",
        title: "Everything adds up",
        body: "Nothing was lost, every check holds, and no test of a mart failed when last run.",
      });
}

type Balance = Readonly<Record<string, string | number>>;

function balanceTable(caption: string, fields: readonly (readonly [string, string])[], rows: readonly Balance[]) {
  return table({
    caption,
    captionHidden: true,
    fields: fields.map(
      ([name, description], i) => ({ name, description, type: i === 0 || name === "holds" ? "text" : "integer" }) as const,
    ),
    rows: rows.map((row) => ({ ...row, holds: Number(row.lost) === 0 ? "yes" : `${row.lost} lost` })),
    cell: (field, row) => (field.name === "holds" ? badge(String(row.holds), row.holds === "yes" ? "good" : "error") : undefined),
    empty: "Nothing has been received yet.",
  });
}

const holds = ["holds", "Whether the equation holds."] as const;

const sourceFields = [
  ["source", "Who sent."],
  ["received", "Counted by the reader, before anything is judged."],
  ["logged", "In the log."],
  ["duplicates", "Received before with the same body."],
  ["in_quarantine", "Waiting to be mended."],
  ["discarded", "Set aside with a reason."],
  ["expired", "No longer readable."],
  holds,
] as const;

const projectionFields = [
  ["projection", "Which tables."],
  ["events", "Events of its types in the log."],
  ["projected", "Standing in its tables."],
  ["changes", "Amendments and retractions that were applied."],
  ["withdrawn", "Taken out again by a retraction."],
  ["waiting", "Without their parent."],
  ["parked", "Failed on."],
  ["unread", "After its checkpoint."],
  holds,
] as const;

function checkTable(names: readonly string[], failures: readonly CheckFailure[]) {
  return table({
    caption: "Checks",
    captionHidden: true,
    fields: [
      { name: "check", type: "text", description: "What must hold." },
      { name: "found", type: "text", description: "What was found against it." },
    ],
    rows: names.map((check) => ({ check, found: found(failures.find(({ name }) => name === check)) })),
    cell: (field, row) =>
      field.name === "found" ? badge(String(row.found), toneOf(failures.find(({ name }) => name === row.check))) : undefined,
    empty: "No domain has any.",
  });
}

function toneOf(failure: CheckFailure | undefined): "good" | "warn" | "error" {
  return failure?.severity ?? "good";
}

function testLine({ failing, warning, since }: FailingTests, zone: string) {
  const state = failing > 0 ? badge(`${failing} fail`, "error") : badge("none fails", "good");
  const warned = warning > 0 ? html` ${badge(`${warning} warn`, "warn")}` : null;
  const first = since === null ? null : html` The first since ${formatInstant(Temporal.Instant.from(since), zone)}.`;
  return html`<p>${state}${warned} when last run.${first} <a href="/marts/tests">All tests</a></p>`;
}

function found(failure: CheckFailure | undefined): string {
  if (!failure) return "holds";
  return failure.error ?? `${failure.rows} rows against it`;
}
