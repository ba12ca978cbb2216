import { badge, card, filterBar, form, html, pagination, selectField, table } from "@jukebase/console";
import { listQuarantine, type QuarantineFilter, type QuarantineItem, quarantineGroups } from "@jukebase/events";
import type { ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, askedNumber } from "../asked.ts";
import type { Console } from "../console.ts";
import { sourceNames } from "../events-queries.ts";
import { show } from "../show.ts";
import { sentName } from "../upload.ts";
import { discardRoute, fixRoute, replayRoutes } from "./quarantine-changes.ts";
import { showQuarantined } from "./quarantine-item.ts";

/** What broke a contract or a rule: groups, list, one item with its mending, replay and discard. */
export function quarantineRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/quarantine", (request, response) => listItems(admin, request, response));
  routes.get("/quarantine/:id", (request, response) => showQuarantined(admin, request, response));
  routes.use(replayRoutes(admin), fixRoute(admin), discardRoute(admin));
  return routes;
}

const pageSize = 50;

async function listItems(admin: Console, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request.query);
  const skip = askedNumber(request.query, "skip") ?? 0;
  const groups = await quarantineGroups(admin.db, filter);
  const items = await listQuarantine(admin.db, filter, pageSize, skip);
  const total = groups.reduce((sum, group) => sum + group.items, 0);
  const at = (offset: number) => address("/quarantine", { ...filter, skip: offset > 0 ? offset : undefined });
  const pages = pagination({
    label: "Quarantine",
    position: `${skip + 1}–${skip + items.length} of ${total}`,
    previous: skip > 0 ? at(Math.max(0, skip - pageSize)) : undefined,
    next: skip + items.length < total ? at(skip + pageSize) : undefined,
  });
  const open = (filter.status ?? "open") === "open";
  const body = html`${await filters(admin, filter)}${total > 0 && card({ title: "By type and reason", body: groupTable(groups, filter, open, sessionOf(response).csrf) })}
${card({ title: open ? "Open items" : `Items ${filter.status}`, body: itemTable(items, filter, admin.zone) })}${total > pageSize && pages}`;
  const lead =
    "What broke a contract or a rule waits here, as it was received, until somebody mends and replays it, or discards it.";
  await show(admin, request, response, { title: "Quarantine", lead, body });
}

type Group = { readonly type: string | null; readonly reason: string; readonly items: number };

function groupTable(groups: readonly Group[], filter: QuarantineFilter, open: boolean, csrf: string) {
  return table({
    caption: "Groups",
    captionHidden: true,
    fields: open ? groupFields : groupFields.slice(0, 3),
    rows: groups.map((group) => ({ ...group, replay: null })),
    link: (field, row) =>
      field.name === "reason" ? address("/quarantine", { ...filter, type: text(row.type), reason: text(row.reason) }) : undefined,
    cell: (field, row) => (field.name === "replay" ? replayGroup(row, filter, csrf) : undefined),
    empty: null,
  });
}

const groupFields = [
  { name: "type", type: "text", description: "Type of the events, as far as it could be read." },
  { name: "reason", type: "text", description: "The first rule that was broken." },
  { name: "items", type: "integer", description: "How many." },
  { name: "replay", type: "text", description: "Puts all of the group through the intake again." },
] as const;

function replayGroup(row: ReportRow, filter: QuarantineFilter, csrf: string) {
  const named = { type: text(row.type), reason: text(row.reason), source: filter.source };
  const hidden = Object.fromEntries(Object.entries(named).filter((pair): pair is [string, string] => pair[1] !== undefined));
  // Items whose type could not be read have no name to be replayed by; they are replayed one by one.
  if (row.type === null) return html`<span class="nothing">one by one</span>`;
  return form({
    action: "/quarantine/replay",
    csrf,
    hidden,
    body: null,
    submit: `Replay all ${row.items}`,
    tone: "quiet",
    inline: true,
  });
}

function itemTable(items: readonly QuarantineItem[], filter: QuarantineFilter, tz: string) {
  const filtered = filter.type ?? filter.reason ?? filter.source ?? filter.status;
  return table({
    caption: "Items",
    captionHidden: true,
    fields: itemFields,
    rows: items.map((item) => ({ ...item, issues: null, rule: item.issues[0]?.rule ?? null, origin: originOf(item) })),
    link: (field, row) => (field.name === "reason" ? `/quarantine/${row.quarantine_id}` : undefined),
    cell: (field, row) =>
      field.name === "status" ? badge(String(row.status), row.status === "open" ? "warn" : "neutral") : undefined,
    empty:
      filtered === undefined
        ? "Nothing is in quarantine: every event kept its contract."
        : html`Nothing matches. <a href="/quarantine">Clear the filters</a>.`,
    tz,
  });
}

const itemFields = [
  { name: "reason", type: "text", description: "The first rule that was broken." },
  { name: "type", type: "text", description: "Type of the event, as far as it could be read." },
  { name: "rule", type: "text", description: "The rule in words." },
  { name: "origin", type: "text", description: "The load and the line in it." },
  { name: "received_at", type: "timestamp", description: "When it was received." },
  { name: "status", type: "text", description: "open until it is replayed, discarded or expired." },
] as const;

function originOf({ source, load, line }: QuarantineItem): string {
  return load === null ? source : `${sentName(load)}${line === null ? "" : `, line ${line}`}`;
}

async function filters(admin: Console, filter: QuarantineFilter) {
  const any = { value: "", label: "Any" };
  const listed = (names: readonly string[]) => names.map((value) => ({ value, label: value }));
  const known = await quarantineGroups(admin.db, { status: filter.status });
  const types = [...new Set(known.flatMap(({ type }) => type ?? []))].sort();
  const reasons = [...new Set(known.map(({ reason }) => reason))].sort();
  return filterBar({
    action: "/quarantine",
    label: "Filters of the quarantine",
    fields: html`${selectField({ name: "status", label: "Status", value: filter.status ?? "open", choices: listed(["open", "replayed", "discarded", "expired"]) })}
${selectField({ name: "type", label: "Type", value: filter.type, choices: [any, ...listed(types)] })}
${selectField({ name: "reason", label: "Reason", value: filter.reason, choices: [any, ...listed(reasons)] })}
${selectField({ name: "source", label: "Source", value: filter.source, choices: [any, ...listed(await sourceNames(admin.db))] })}`,
    clear: (filter.status ?? filter.type ?? filter.reason ?? filter.source) ? "/quarantine" : undefined,
  });
}

function filterOf(query: unknown): QuarantineFilter {
  return {
    status: asked(query, "status"),
    type: asked(query, "type"),
    reason: asked(query, "reason"),
    source: asked(query, "source"),
  };
}

function text(value: ReportRow[string] | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
