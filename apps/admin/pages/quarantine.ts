import { badge, card, dateField, filterBar, form, html, pagination, selectField, table } from "@jukebase/console";
import {
  countQuarantine,
  type GroupWork,
  listGroupWork,
  listQuarantine,
  type QuarantineFilter,
  type QuarantineGroup,
  type QuarantineItem,
  quarantineGroups,
  quarantineStatuses,
  statusesInWords,
} from "@jukebase/events";
import type { ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, askedNumber } from "../asked.ts";
import type { Console } from "../console.ts";
import { sourceNames } from "../events-queries.ts";
import { show } from "../show.ts";
import { sentName } from "../upload.ts";
import { discardRoute, fixRoute, mendRoute, replayRoutes } from "./quarantine-changes.ts";
import { askedGroup, showGroup } from "./quarantine-group.ts";
import { showQuarantined } from "./quarantine-item.ts";

/** What broke a contract or a rule: groups, list, one item with its mending, replay and discard. */
export function quarantineRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/quarantine", (request, response) => listItems(admin, request, response));
  routes.get("/quarantine/group", (request, response) => showGroup(admin, request, response, askedGroup(request.query)));
  routes.get("/quarantine/:id", (request, response) => showQuarantined(admin, request, response));
  routes.use(replayRoutes(admin), mendRoute(admin), fixRoute(admin), discardRoute(admin));
  return routes;
}

const pageSize = 50;
const groupsSize = 20;

async function listItems(admin: Console, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request.query);
  const skip = askedNumber(request.query, "skip") ?? 0;
  const skipGroups = askedNumber(request.query, "skip-groups") ?? 0;
  const groups = await quarantineGroups(admin.db, filter, groupsSize, skipGroups);
  const items = await listQuarantine(admin.db, filter, pageSize, skip);
  const { items: total, groups: groupsTotal } = await countQuarantine(admin.db, filter);
  const query = queryOf(filter);
  const at = (offset: number) => address("/quarantine", { ...query, skip: offset > 0 ? offset : undefined });
  const groupsAt = (offset: number) => address("/quarantine", { ...query, "skip-groups": offset > 0 ? offset : undefined });
  const pages = pagination({
    label: "Quarantine",
    position: `${skip + 1}–${skip + items.length} of ${total}`,
    previous: skip > 0 ? at(Math.max(0, skip - pageSize)) : undefined,
    next: skip + items.length < total ? at(skip + pageSize) : undefined,
  });
  const groupPages = pagination({
    label: "Groups",
    position: `${skipGroups + 1}–${skipGroups + groups.length} of ${groupsTotal}`,
    previous: skipGroups > 0 ? groupsAt(Math.max(0, skipGroups - groupsSize)) : undefined,
    next: skipGroups + groups.length < groupsTotal ? groupsAt(skipGroups + groupsSize) : undefined,
  });
  const open = (filter.status ?? "open") === "open";
  const body = html`${await filters(admin, filter)}${total > 0 && card({ title: "By type and reason", body: html`${groupTable(groups, filter, open, admin.zone, sessionOf(response).csrf)}${groupsTotal > groupsSize && groupPages}` })}
${workTable(await listGroupWork(admin.db), admin.zone)}
${card({ title: open ? "Open items" : `Items ${filter.status}`, body: itemTable(items, filter, admin.zone) })}${total > pageSize && pages}`;
  const lead =
    "What broke a contract or a rule waits here, as it was received, until somebody mends and replays it, or discards it.";
  await show(admin, request, response, { title: "Quarantine", lead, body });
}

function groupTable(groups: readonly QuarantineGroup[], filter: QuarantineFilter, open: boolean, tz: string, csrf: string) {
  return table({
    caption: "Groups",
    captionHidden: true,
    fields: open ? groupFields : groupFields.slice(0, 6),
    rows: groups.map((group) => ({ ...group, sources: group.sources.join(", "), group: "Mend", replay: null })),
    link: (field, row) => {
      const query = { ...queryOf(filter), type: text(row.type), reason: text(row.reason) };
      if (field.name === "reason") return address("/quarantine", query);
      return field.name === "group" ? address("/quarantine/group", { ...query, type: query.type ?? "" }) : undefined;
    },
    cell: (field, row) => (field.name === "replay" ? replayGroup(row, filter, csrf) : undefined),
    empty: null,
    tz,
  });
}

const groupFields = [
  { name: "type", type: "text", description: "Type of the events, as far as it could be read." },
  { name: "reason", type: "text", description: "The first rule that was broken." },
  { name: "items", type: "integer", description: "How many." },
  { name: "first_seen", type: "timestamp", description: "When the first of them was received." },
  { name: "last_seen", type: "timestamp", description: "When the last of them was received." },
  { name: "sources", type: "text", description: "Who sent them." },
  { name: "group", type: "text", description: "Mends all of the group at once." },
  { name: "replay", type: "text", description: "Puts all of the group through the intake again." },
] as const;

function replayGroup(row: ReportRow, filter: QuarantineFilter, csrf: string) {
  const named = { ...queryOf(filter), status: undefined, type: text(row.type) ?? "", reason: text(row.reason) };
  const hidden = Object.fromEntries(Object.entries(named).filter((pair): pair is [string, string] => pair[1] !== undefined));
  return form({
    action: "/quarantine/replay",
    csrf,
    hidden,
    body: null,
    submit: "Replay all",
    tone: "quiet",
    inline: true,
  });
}

const workFields = [
  { name: "work", type: "text", description: "Replay or mend." },
  { name: "group", type: "text", description: "Which items." },
  { name: "actor", type: "text", description: "Who asked." },
  { name: "asked_at", type: "timestamp", description: "When." },
  { name: "progress", type: "text", description: "How far it has come." },
] as const;

function workTable(works: readonly GroupWork[], tz: string) {
  if (works.length === 0) return null;
  const rows = works.map(({ kind, choice, actor, asked_at, items, done, counts, finished_at, error }) => ({
    work: kind,
    group: [choice.type, choice.reason, choice.source].filter((part) => part !== undefined).join(" · "),
    actor: actor.replace(/^console:/, ""),
    asked_at,
    progress: error ?? (finished_at === null ? `${done} of ${items}` : countsOf(counts)),
    tone: error !== null ? "error" : finished_at === null ? "info" : "good",
  }));
  const tone = (row: ReportRow) => row.tone as "error" | "info" | "good";
  return card({
    title: "Handed to the worker",
    body: table({
      caption: "Handed to the worker",
      captionHidden: true,
      fields: workFields,
      rows,
      cell: (field, row) => (field.name === "progress" ? badge(String(row.progress), tone(row)) : undefined),
      empty: null,
      tz,
    }),
  });
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, items]) => `${items} ${name}`)
    .join(", ");
}

function itemTable(items: readonly QuarantineItem[], filter: QuarantineFilter, tz: string) {
  const filtered = filter.type ?? filter.reason ?? filter.source ?? filter.status ?? filter.receivedFrom ?? filter.receivedTo;
  return table({
    caption: "Items",
    captionHidden: true,
    fields: (filter.status ?? "open") === "open" ? itemFields : [...itemFields, resolutionField],
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
  { name: "status", type: "text", description: `One of ${statusesInWords}.` },
] as const;

const resolutionField = { name: "resolution", type: "text", description: "What ended its stay, in words." } as const;

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
    fields: html`${selectField({ name: "status", label: "Status", value: filter.status ?? "open", choices: listed(quarantineStatuses) })}
${selectField({ name: "type", label: "Type", value: filter.type, choices: [any, ...listed(types)] })}
${selectField({ name: "reason", label: "Reason", value: filter.reason, choices: [any, ...listed(reasons)] })}
${selectField({ name: "source", label: "Source", value: filter.source, choices: [any, ...listed(await sourceNames(admin.db))] })}`,
    more: html`${dateField({ name: "from", label: "Received from", value: filter.receivedFrom })}${dateField({ name: "to", label: "Received before", value: filter.receivedTo })}`,
    moreOpen: (filter.receivedFrom ?? filter.receivedTo) !== undefined,
    clear: Object.values(filter).some((value) => value !== undefined) ? "/quarantine" : undefined,
  });
}

function filterOf(query: unknown): QuarantineFilter {
  return {
    status: asked(query, "status"),
    type: asked(query, "type"),
    reason: asked(query, "reason"),
    source: asked(query, "source"),
    receivedFrom: asked(query, "from"),
    receivedTo: asked(query, "to"),
  };
}

function queryOf({ status, type, reason, source, receivedFrom, receivedTo }: QuarantineFilter) {
  return { status, type, reason, source, from: receivedFrom, to: receivedTo };
}

function text(value: ReportRow[string] | undefined): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}
