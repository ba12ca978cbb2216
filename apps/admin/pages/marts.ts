import { readFile } from "node:fs/promises";
import { badge, card, code, definitions, formatInstant, formatNumber, html, notice, table } from "@jukebase/console";
import { columnsOf, type MartStatus, martStatus } from "@jukebase/marts";
import { type Mart, NotFound } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import type { Console } from "../console.ts";
import { show } from "../show.ts";

/** The marts: how each stands, what its columns mean, and the SELECT that it is. */
export function martRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/marts", (request, response) => listMarts(admin, request, response));
  routes.get("/marts/:name", (request, response) => showMart(admin, request, response));
  return routes;
}

async function listMarts(admin: Console, request: Request, response: Response): Promise<void> {
  const statuses = await martStatus(admin.db);
  const rows = statuses.map((status) => ({
    ...lineOf(status),
    description: admin.jukebase.marts.find(({ name }) => name === status.name)?.description ?? null,
  }));
  const body = card({
    body: table({
      caption: "Marts",
      captionHidden: true,
      fields: listFields,
      rows,
      link: (field, row) => (field.name === "name" ? `/marts/${row.name}` : undefined),
      cell: (field, row) =>
        field.name === "state" ? badge(String(row.state), tones[String(row.state)] ?? "neutral") : undefined,
      empty: "No mart is built.",
      tz: admin.zone,
    }),
  });
  const lead =
    "Documented, tested relations in the schema marts, in the order in which they are refreshed. Reports, BI and exports read these.";
  await show(admin, request, response, { title: "Marts", lead, body });
}

const tones: Readonly<Record<string, "good" | "warn" | "error">> = { current: "good", stale: "warn", failed: "error" };

const listFields = [
  { name: "name", type: "text", description: "The view in the schema marts." },
  { name: "description", type: "text", description: "What it holds." },
  { name: "kind", type: "text", description: "view, materialized, or rollup (only changed buckets are computed)." },
  { name: "rows", type: "integer", description: "Rows after its last refresh." },
  { name: "refreshed_at", type: "timestamp", description: "When it was last refreshed." },
  { name: "waiting", type: "integer", description: "Marks that wait for the next refresh." },
  { name: "state", type: "text", description: "current, stale or failed." },
] as const;

function lineOf({ name, kind, rows, refreshed_at, waiting, status, stale }: MartStatus) {
  return { name, kind, rows, refreshed_at, waiting, state: status === "failed" ? "failed" : stale ? "stale" : "current" };
}

async function showMart(admin: Console, request: Request, response: Response): Promise<void> {
  const mart = admin.jukebase.marts.find(({ name }) => name === request.params.name);
  if (!mart) throw new NotFound(`No mart is called ${request.params.name}.`);
  const status = (await martStatus(admin.db)).find(({ name }) => name === mart.name);
  const body = html`${status?.error && notice({ tone: "error", title: "Its last refresh failed", body: status.error })}
${card({ body: facts(mart, status, admin.zone) })}
${card({ title: "Columns", body: table({ caption: "Columns", captionHidden: true, fields: columnFields, rows: columnsOf(mart), empty: "It has none." }) })}
${card({ title: "Definition", body: code((await readFile(mart.file, "utf8")).trim(), `SQL of ${mart.name}`) })}
${card({ title: "What it reads", body: html`<ul class="tiles">${Object.keys(mart.reads).map((relation) => html`<li>${relationLink(relation)}</li>`)}</ul>` })}`;
  const breadcrumbs = [{ label: "Marts", href: "/marts" }, { label: mart.name }];
  await show(admin, request, response, { title: mart.name, lead: mart.description, path: "/marts", body, breadcrumbs });
}

const columnFields = [
  { name: "name", type: "text", description: "Name of the column." },
  { name: "description", type: "text", description: "What it means." },
] as const;

function facts(mart: Mart, status: MartStatus | undefined, zone: string) {
  const positions = Object.entries(status?.positions ?? {}).map(([projection, seq]) => `${projection} batch ${seq}`);
  const state = status ? lineOf(status).state : "not built";
  return definitions([
    ["State", badge(state, tones[state] ?? "warn")],
    ["Grain", mart.grain],
    ["Key", mart.key.join(", ")],
    ["Kind", mart.kind],
    ["Owner", mart.owner],
    ["Rows", status?.rows == null ? "computed when read" : formatNumber(String(status.rows))],
    ["Refreshed", status?.refreshed_at ? formatInstant(Temporal.Instant.from(status.refreshed_at), zone) : "never"],
    ["Exact at", positions.length > 0 ? positions.join(", ") : "no event yet"],
  ]);
}

function relationLink(relation: string) {
  return relation.startsWith("marts.")
    ? html`<a href="${`/marts/${relation.slice("marts.".length)}`}">${relation}</a>`
    : html`<code>${relation}</code>`;
}
