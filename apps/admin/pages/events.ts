import { badge, card, filterBar, form, html, pagination, selectField, table } from "@jukebase/console";
import { retryParked } from "@jukebase/domains/parked.ts";
import { Invalid, type ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, askedNumber, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { type EventFilter, type EventLine, eventsBefore, type Position, sourceNames } from "../events-queries.ts";
import { goTo, show } from "../show.ts";
import { showOneEvent } from "./event.ts";

/** The log: its tail with filters, one event's fate, and another try for what was parked. */
export function eventRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/events", (request, response) => listEvents(admin, request, response));
  routes.get("/events/:id", (request, response) => showOneEvent(admin, request, response));
  routes.post("/events/retry-parked", async (request, response) => {
    requireToken(formOf(request)._csrf, sessionOf(response).csrf);
    const { tried, parked } = await retryParked(admin.jukebase, doerOf(response));
    goTo(request, response, "/events?fate=parked", {
      tone: parked === 0 ? "good" : "warn",
      text: `Tried ${tried} parked events again: ${tried - parked} passed, ${parked} stay parked.`,
    });
  });
  return routes;
}

const pageSize = 50;

async function listEvents(admin: Console, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request.query);
  const before = positionOf(request.query);
  const found = await eventsBefore(admin.db, filter, before, pageSize + 1);
  const lines = found.slice(0, pageSize);
  const last = lines.at(-1);
  const older =
    found.length > pageSize && last ? address("/events", { ...filter, before: last.seq, ordinal: last.ordinal }) : undefined;
  const pages = pagination({
    label: "Events",
    position: before ? `before batch ${before.seq}` : "newest first",
    previous: before ? address("/events", filter) : undefined,
    next: older,
  });
  const body = html`${await filters(admin, filter)}${filter.fate === "parked" && lines.length > 0 && retryForm(sessionOf(response).csrf)}
${card({ body: eventTable(lines, filter, admin.zone) })}${(before || older) && pages}`;
  const lead = html`Every accepted event, as it was logged. What tells of a person stands here as a token. Old months may stand in the <a href="/events/archive">archive</a>.`;
  await show(admin, request, response, { title: "Events", lead, body });
}

async function filters(admin: Console, filter: EventFilter) {
  const any = { value: "", label: "Any" };
  const types = [...admin.jukebase.contracts.keys()].sort().map((value) => ({ value, label: value }));
  const sources = (await sourceNames(admin.db)).map((value) => ({ value, label: value }));
  const fates = ["waiting", "parked"].map((value) => ({ value, label: value }));
  const set = filter.type !== undefined || filter.source !== undefined || filter.fate !== undefined;
  return filterBar({
    action: "/events",
    label: "Filters of events",
    fields: html`${selectField({ name: "type", label: "Type", value: filter.type, choices: [any, ...types] })}
${selectField({ name: "source", label: "Source", value: filter.source, choices: [any, ...sources] })}
${selectField({ name: "fate", label: "Held back", value: filter.fate, choices: [any, ...fates] })}`,
    clear: set ? "/events" : undefined,
  });
}

function eventTable(lines: readonly EventLine[], filter: EventFilter, tz: string) {
  const nothing =
    filter.type || filter.source || filter.fate ? html`No event matches. <a href="/events">Clear the filters</a>.` : firstEvents;
  return table({
    caption: "Events",
    captionHidden: true,
    fields: eventFields,
    rows: lines as readonly ReportRow[],
    link: (field, row) => (field.name === "event_id" ? `/events/${row.event_key}` : undefined),
    cell: (field, row) =>
      field.name === "fate" && row.fate !== null ? badge(String(row.fate), row.fate === "parked" ? "error" : "warn") : undefined,
    empty: nothing,
    tz,
  });
}

const firstEvents = html`The log is empty. Fill it: <code>jukebase ingest events.ndjson</code>, or <code>jukebase demo</code> for a whole made-up company.`;

const eventFields = [
  { name: "event_id", type: "text", description: "The event's id at its source." },
  { name: "type", type: "text", description: "Its type: which contract describes it." },
  { name: "source", type: "text", description: "Who sent it." },
  { name: "occurred_at", type: "timestamp", description: "When it happened." },
  { name: "recorded_at", type: "timestamp", description: "When it was received." },
  { name: "fate", type: "text", description: "Waiting for a parent, or parked because a projection failed on it." },
] as const;

function retryForm(csrf: string) {
  return form({
    action: "/events/retry-parked",
    csrf,
    body: null,
    submit: "Try all parked events again",
    tone: "quiet",
    inline: true,
  });
}

function filterOf(query: unknown): EventFilter {
  const fate = asked(query, "fate");
  if (fate !== undefined && fate !== "waiting" && fate !== "parked")
    throw new Invalid(`fate is waiting or parked, not "${fate}".`);
  return { type: asked(query, "type"), source: asked(query, "source"), fate };
}

function positionOf(query: unknown): Position | undefined {
  const seq = askedNumber(query, "before");
  return seq === undefined ? undefined : { seq, ordinal: askedNumber(query, "ordinal") ?? 0 };
}
