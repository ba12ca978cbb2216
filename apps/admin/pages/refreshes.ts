import { card, filterBar, form, html, pagination, selectField } from "@jukebase/console";
import { askForRefresh } from "@jukebase/domains/refresh-by-hand.ts";
import {
  listRefreshes,
  type RefreshFilter,
  type RefreshRecord,
  refreshDurations,
  refreshesOf,
  refreshOutcomes,
} from "@jukebase/marts/service/history.ts";
import { refreshQueue } from "@jukebase/marts/service/queue.ts";
import { refreshReasons } from "@jukebase/marts/service/run.ts";
import { Invalid, type Mart } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { durationsByMart, durationsOf, queueCard, refreshTable } from "../refresh-parts.ts";
import { goTo, show } from "../show.ts";

/** What was refreshed, why and how long it took; what waits now, and why; and a refresh for whoever does not want to wait. */
export function refreshRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/marts/refreshes", (request, response) => showRefreshes(admin, request, response));
  routes.post("/marts/refreshes", async (request, response) => {
    const posted = formOf(request);
    requireToken(posted._csrf, sessionOf(response).csrf);
    const mart = asked(posted, "mart");
    await askForRefresh(admin.jukebase, doerOf(response), mart === undefined ? undefined : [mart]);
    const text = `A worker refreshes ${mart === undefined ? "every mart" : `${mart} and what it stands on`} next.`;
    goTo(request, response, address("/marts/refreshes", { mart }), { tone: "good", text });
  });
  return routes;
}

const pageSize = 50;
const drawn_max = 60;

async function showRefreshes(admin: Console, request: Request, response: Response): Promise<void> {
  const filter = filterOf(request, admin.jukebase.marts);
  const before = positionOf(asked(request.query, "before"));
  const found = await listRefreshes(admin.db, { ...filter, before }, pageSize + 1);
  const records = found.slice(0, pageSize);
  const charted =
    filter.mart === undefined
      ? durationsByMart(await refreshDurations(admin.db))
      : durationsOf(filter.mart, await refreshesOf(admin.db, filter.mart, drawn_max));
  const body = html`${queueCard(await refreshQueue(admin.db), admin.zone, asking(filter.mart, sessionOf(response).csrf))}
${card({ title: "How long they took", body: charted })}
${filters(filter, admin.jukebase.marts)}
${card({ title: "Refreshes", body: refreshTable(records, admin.zone) })}${pages(filter, before, records, found.length > pageSize)}`;
  const lead =
    "A mart is refreshed when something that it reads has changed. Marts that are joined are refreshed together, at one position.";
  const breadcrumbs = [{ label: "Marts", href: "/marts" }, { label: "Refreshes" }];
  await show(admin, request, response, { title: "Refreshes", lead, body, breadcrumbs });
}

type Chosen = Pick<RefreshFilter, "mart" | "reason" | "outcome">;

function filterOf({ query }: Request, marts: readonly Mart[]): Chosen {
  return {
    mart: oneOf(
      asked(query, "mart"),
      marts.map(({ name }) => name),
      "mart",
    ),
    reason: oneOf(asked(query, "reason"), refreshReasons, "reason"),
    outcome: oneOf(asked(query, "outcome"), refreshOutcomes, "outcome"),
  };
}

function oneOf(value: string | undefined, known: readonly string[], what: string): string | undefined {
  if (value !== undefined && !known.includes(value)) throw new Invalid(`${what} is one of ${known.join(", ")}, not "${value}".`);
  return value;
}

function filters({ mart, reason, outcome }: Chosen, marts: readonly Mart[]) {
  const kept = marts.filter(({ kind }) => kind !== "view").map(({ name }) => name);
  const choice = (name: string, label: string, values: readonly string[], value: string | undefined) =>
    selectField({
      name,
      label,
      value,
      choices: [{ value: "", label: "any" }, ...values.map((one) => ({ value: one, label: one }))],
    });
  return filterBar({
    action: "/marts/refreshes",
    label: "Filters of the refreshes",
    fields: html`${choice("mart", "Mart", kept, mart)}${choice("reason", "Reason", refreshReasons, reason)}${choice("outcome", "Outcome", refreshOutcomes, outcome)}`,
    clear: (mart ?? reason ?? outcome) === undefined ? undefined : "/marts/refreshes",
  });
}

function asking(mart: string | undefined, csrf: string) {
  return form({
    action: "/marts/refreshes",
    csrf,
    hidden: mart === undefined ? {} : { mart },
    body: null,
    submit: mart === undefined ? "Refresh every mart" : `Refresh ${mart}`,
    tone: "quiet",
    inline: true,
  });
}

// A page goes on after its last refresh: when that ended, and of which mart it was.
function positionOf(text: string | undefined): RefreshFilter["before"] {
  if (text === undefined) return undefined;
  const [, finished_at, mart] = /^(\d{4}-\d{2}-\d{2}T[\d:.]+(?:\+00:00|Z)),([a-z][a-z0-9_]*)$/.exec(text) ?? [];
  if (finished_at === undefined || mart === undefined)
    throw new Invalid(`before is a position that this page gave, not "${text}".`);
  return { finished_at, mart };
}

function pages(filter: Chosen, before: RefreshFilter["before"], records: readonly RefreshRecord[], isMore: boolean) {
  if (before === undefined && !isMore) return null;
  const last = records.at(-1);
  return pagination({
    label: "Refreshes",
    position: records.length === 0 ? "none" : `${records.length} refreshes`,
    previous: before === undefined ? undefined : address("/marts/refreshes", filter),
    next: isMore ? address("/marts/refreshes", { ...filter, before: `${last?.finished_at},${last?.mart}` }) : undefined,
  });
}
