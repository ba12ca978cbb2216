import { card, html } from "@jukebase/console";
import { eventKey } from "@jukebase/events";
import { type Request, type Response, Router } from "express";
import { asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { sourceNames } from "../events-queries.ts";
import { show } from "../show.ts";

/** Finds an event or a quarantined item by its exact id, and reports, marts and contracts by a part of their name. */
export function searchRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/search", async (request, response) => {
    const wanted = asked(request.query, "q") ?? "";
    const exact = wanted === "" ? undefined : await exactly(admin, wanted);
    if (exact !== undefined) return response.redirect(303, exact);
    await listFound(admin, request, response, wanted);
  });
  return routes;
}

// An event's key is a function of its source and id, so an id is looked up as one key per source: no scan of the log.
async function exactly({ db }: Console, wanted: string): Promise<string | undefined> {
  const keys = (await sourceNames(db)).map((source) => eventKey(source, wanted));
  const ids = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(wanted) ? [wanted] : [];
  const [row] = await db.query<{ href: string }>(
    `select '/events/' || event_key as href
     from events.key
     where event_key = any($1::uuid[])
     union all
     select '/quarantine/' || quarantine_id
     from events.quarantine
     where quarantine_id = any($2::uuid[])
     limit 1`,
    [[...keys, ...ids], ids],
  );
  return row?.href;
}

type Found = { readonly href: string; readonly label: string; readonly description: string };

async function listFound(admin: Console, request: Request, response: Response, wanted: string): Promise<void> {
  const found =
    wanted === ""
      ? []
      : named(admin).filter(({ label, href }) => `${label} ${href}`.toLowerCase().includes(wanted.toLowerCase()));
  const body = card({
    body:
      found.length === 0
        ? html`<div class="empty" role="status"><p class="empty-title">Nothing found</p><p>Give the exact id of an event or of a quarantined item, or a part of the name of a report, mart or contract.</p></div>`
        : html`<ul class="tiles">${found.map(({ href, label, description }) => html`<li><a href="${href}">${label}</a><p>${description}</p></li>`)}</ul>`,
  });
  await show(admin, request, response, { title: wanted === "" ? "Search" : `Search: ${wanted}`, body });
}

function named({ jukebase }: Console): readonly Found[] {
  return [
    ...jukebase.domains.flatMap(({ reports }) =>
      reports.map(({ name, title, description }) => ({ href: `/reports/${name}`, label: title, description })),
    ),
    ...jukebase.marts.map(({ name, description }) => ({ href: `/marts/${name}`, label: name, description })),
    ...[...jukebase.contracts.values()].map(({ type, description }) => ({
      href: `/contracts/${type}`,
      label: type,
      description,
    })),
  ];
}
