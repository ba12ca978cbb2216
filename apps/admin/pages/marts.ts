import { buttonLink, card, html } from "@jukebase/console";
import { readsOf } from "@jukebase/marts/bi/use.ts";
import { refreshesOf } from "@jukebase/marts/service/history.ts";
import { type Mart, NotFound } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { address, asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { type CatalogueSearch, findMarts } from "../marts/catalogue-search.ts";
import { catalogueFilters, catalogueTable } from "../marts/catalogue-view.ts";
import { consoleGraph } from "../marts/console-graph.ts";
import { consoleLinks } from "../marts/console-links.ts";
import { pageOf } from "../marts/links.ts";
import { martPage } from "../marts/mart-page.ts";
import { martRecords } from "../marts/mart-records.ts";
import { usesTable } from "../marts/mart-tables.ts";
import { martView } from "../marts/mart-view.ts";
import { sampleRows } from "../marts/sample-rows.ts";
import { refreshTable } from "../refresh-parts.ts";
import { show } from "../show.ts";

/** The marts: a catalogue to search, and a page for each. */
export function martRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/marts", (request, response) => listMarts(admin, request, response));
  routes.get("/marts/:name", (request, response) => showMart(admin, request, response));
  return routes;
}

async function listMarts(admin: Console, request: Request, response: Response): Promise<void> {
  const search: CatalogueSearch = {
    q: asked(request.query, "q"),
    owner: asked(request.query, "owner"),
    kind: asked(request.query, "kind"),
    tag: asked(request.query, "tag"),
    state: asked(request.query, "state"),
  };
  const records = await martRecords(admin.db, admin.jukebase.domains);
  const found = findMarts(records, search);
  const links = consoleLinks(Object.keys(admin.jukebase.schemas));
  const count = found.length === records.length ? `${records.length} marts` : `${found.length} of ${records.length} marts`;
  const body = html`${catalogueFilters(records, search, "/marts")}
<p class="report-scope" role="status">${count}</p>
${card({ body: catalogueTable(found, links, admin.zone) })}`;
  const lead = "Documented, tested relations in the schema marts. Reports, BI and exports read these.";
  const actions = html`${buttonLink({ label: "Lineage", href: "/lineage" })}${buttonLink({ label: "Diagram", href: "/diagrams/marts" })}`;
  await show(admin, request, response, { title: "Marts", lead, actions, body });
}

async function showMart(admin: Console, request: Request, response: Response): Promise<void> {
  const { jukebase, db, zone } = admin;
  const record = (await martRecords(db, jukebase.domains)).find(({ mart }) => mart.name === request.params.name);
  if (!record) throw new NotFound(`No mart is called ${request.params.name}.`);
  const links = consoleLinks(Object.keys(jukebase.schemas));
  const page = await martPage(db, {
    jukebase,
    record,
    graph: consoleGraph(jukebase.domains),
    href: (node) => pageOf(links, node),
  });
  const { name, description } = record.mart;
  const sample = await sampleRows(jukebase, record.mart, page.columns);
  const live = { sample, refreshes: await lastRefreshes(admin, record.mart), uses: await outsideReads(admin, name) };
  const body = martView({ ...page, ...live }, links, zone);
  const breadcrumbs = [{ label: "Marts", href: "/marts" }, { label: record.mart.name }];
  await show(admin, request, response, { title: name, lead: description, path: "/marts", body, breadcrumbs });
}

async function lastRefreshes({ db, zone }: Console, { name, kind }: Mart) {
  if (kind === "view") return undefined;
  const records = await refreshesOf(db, name, 5);
  if (records.length === 0) return html`<p class="all-well">None is kept.</p>`;
  const all = html`<p class="card-links"><a href="${address("/marts/refreshes", { mart: name })}">All of its refreshes</a></p>`;
  return html`${refreshTable(records, zone)}${all}`;
}

async function outsideReads({ db, zone }: Console, name: string) {
  const uses = await readsOf(db, name);
  if (uses.length > 0) return usesTable(uses, zone);
  return html`<p class="all-well">No login of a BI tool has read it, as far as reads are counted.</p>`;
}
