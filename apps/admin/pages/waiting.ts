import { badge, card, checkbox, filterBar, form, html, pagination, selectField, table, textField } from "@jukebase/console";
import {
  type AwaitedParent,
  awaitedParents,
  setWaitingLimit,
  type WaitingCount,
  type WaitingFilter,
  waitingCounts,
} from "@jukebase/events";
import { Invalid } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, askedNumber, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { goTo, show } from "../show.ts";

/** Events whose parent has not come, under the parent that they need; and after how long they count as orphans. */
export function waitingRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/waiting", (request, response) => listParents(admin, request, response));
  routes.post("/waiting/limit", async (request, response) => {
    const posted = formOf(request);
    requireToken(posted._csrf, sessionOf(response).csrf);
    const [kind, days] = [asked(posted, "limit-kind"), askedNumber(posted, "limit-days")];
    if (kind === undefined || days === undefined) throw new Invalid("Say which kind of parent, and after how many days.");
    await setWaitingLimit(admin.jukebase, kind, days, doerOf(response, asked(posted, "why")));
    goTo(request, response, "/waiting", { tone: "good", text: `What needs a ${kind} is an orphan after ${days} days now.` });
  });
  return routes;
}

const pageSize = 50;

async function listParents(admin: Console, request: Request, response: Response): Promise<void> {
  const { query } = request;
  const filter: WaitingFilter = {
    kind: asked(query, "kind"),
    olderThanDays: askedNumber(query, "days"),
    orphans: asked(query, "orphans") === undefined ? undefined : true,
  };
  const skip = askedNumber(query, "skip") ?? 0;
  const now = admin.jukebase.clock.now();
  const kinds = await waitingCounts(admin.db, now);
  const found = await awaitedParents(admin.db, now, filter, pageSize + 1, skip);
  const parents = found.slice(0, pageSize);
  const asQuery = { kind: filter.kind, days: filter.olderThanDays, orphans: filter.orphans ? "true" : undefined };
  const at = (offset: number) => address("/waiting", { ...asQuery, skip: offset > 0 ? offset : undefined });
  const pages = pagination({
    label: "Waiting",
    position: `${skip + 1}–${skip + parents.length}`,
    previous: skip > 0 ? at(Math.max(0, skip - pageSize)) : undefined,
    next: found.length > pageSize ? at(skip + pageSize) : undefined,
  });
  const body = html`${filters(filter, kinds)}
${card({ title: "Parents that have not come", body: parentTable(parents, admin.zone) })}${(skip > 0 || found.length > pageSize) && pages}
${kinds.length > 0 && card({ title: "When an event is an orphan", body: html`${kindTable(kinds)}${limitForm(kinds, sessionOf(response).csrf)}` })}`;
  const lead = "These events are in the log and count as soon as the event comes that registers what they speak of.";
  await show(admin, request, response, { title: "Waiting", lead, body });
}

function filters({ kind, olderThanDays, orphans }: WaitingFilter, kinds: readonly WaitingCount[]) {
  const choices = [{ value: "", label: "Any" }, ...kinds.map((one) => ({ value: one.kind, label: one.kind }))];
  return filterBar({
    action: "/waiting",
    label: "Filters of what waits",
    fields: html`${selectField({ name: "kind", label: "Kind of parent", value: kind, choices })}
${textField({ name: "days", label: "Awaited for days", type: "number", value: olderThanDays === undefined ? undefined : String(olderThanDays) })}
${checkbox({ name: "orphans", label: "Only orphans", checked: orphans === true })}`,
    clear: (kind ?? olderThanDays ?? orphans) === undefined ? undefined : "/waiting",
  });
}

function parentTable(parents: readonly AwaitedParent[], tz: string) {
  return table({
    caption: "Parents that have not come",
    captionHidden: true,
    fields: parentFields,
    rows: parents.map((parent) => ({ ...parent, types: parent.types.join(", "), sources: parent.sources.join(", ") })),
    link: (field, row) => (field.name === "events" ? `/events/${row.sample}` : undefined),
    cell: (field, row) =>
      field.name === "orphans" && Number(row.orphans) > 0 ? badge(`${row.orphans} orphans`, "warn") : undefined,
    empty: "No event waits for a parent.",
    tz,
  });
}

const parentFields = [
  { name: "kind", type: "text", description: "What is missing." },
  { name: "id", type: "text", description: "Which one." },
  { name: "events", type: "integer", description: "How many events wait for it; leads to the one that has waited longest." },
  { name: "orphans", type: "integer", description: "How many of them have waited longer than the limit." },
  { name: "oldest", type: "timestamp", description: "Since when the first of them has waited." },
  { name: "age_days", type: "integer", description: "That is so many whole days." },
  { name: "types", type: "text", description: "Types of the events that wait." },
  { name: "sources", type: "text", description: "Who sent them." },
] as const;

function kindTable(kinds: readonly WaitingCount[]) {
  return table({
    caption: "Kinds of parents",
    captionHidden: true,
    fields: kindFields,
    rows: kinds,
    empty: null,
  });
}

const kindFields = [
  { name: "kind", type: "text", description: "What is missing." },
  { name: "parents", type: "integer", description: "How many of them." },
  { name: "events", type: "integer", description: "How many events wait for them." },
  { name: "orphans", type: "integer", description: "How many have waited longer than the limit." },
  { name: "limit_days", type: "integer", description: "After so many days an event is an orphan." },
] as const;

function limitForm(kinds: readonly WaitingCount[], csrf: string) {
  const choices = [...kinds.map(({ kind }) => ({ value: kind, label: kind })), { value: "*", label: "every other kind" }];
  const body = html`${selectField({ name: "limit-kind", label: "For a", value: kinds[0]?.kind, choices })}
${textField({ name: "limit-days", label: "after days", type: "number", required: true })}${textField({ name: "why", label: "Reason" })}`;
  return form({ action: "/waiting/limit", csrf, body, submit: "Set the limit", tone: "quiet", inline: true });
}
