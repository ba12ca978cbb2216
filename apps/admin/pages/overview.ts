import { badge, card, formatNumber, html, stats, steps, table } from "@jukebase/console";
import { type SourceBalance, sourceBalances } from "@jukebase/events";
import { type Request, type Response, Router } from "express";
import { attention, type Machinery, type Matter, machinery } from "../attention.ts";
import type { Console } from "../console.ts";
import { type Figure, figuresOf, monthName, statOf } from "../figures.ts";
import { show } from "../show.ts";
import { overviewCharts } from "./overview-charts.ts";

/** The first page: key figures, what needs a hand, small charts, and whether everything received is accounted for. */
export function overviewRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/", (request, response) => overview(admin, request, response));
  return routes;
}

async function overview(admin: Console, request: Request, response: Response): Promise<void> {
  const state = await machinery(admin);
  const balances = await sourceBalances(admin.db);
  if (state.events === 0 && state.quarantined === 0)
    return show(admin, request, response, { title: "Overview", lead: "Nothing has been received yet.", body: firstRun });
  const figures = await Promise.all(admin.jukebase.domains.map((domain) => figuresOf(admin, domain)));
  const [month, before] = lastMonths(
    admin,
    figures.flatMap(({ monthly }) => monthly),
  );
  const cards = figures.flatMap(({ monthly, standing }) => [
    ...monthly.map((figure) => statOf(figure, month, before)),
    ...standing,
  ]);
  const drawn = await overviewCharts(admin, month);
  const body = html`${matters(await attention(admin, state))}
<h2 class="section">${monthName(month, "full")}</h2><div class="figures">${stats(cards)}</div>
<div class="chart-grid">${drawn.blocks}</div>
<h2 class="section">Events</h2>${stats(machineryCards(state))}
${card({ title: "Nothing is lost", body: balanceTable(balances) })}`;
  await show(admin, request, response, {
    title: "Overview",
    lead: `The last complete month beside the one before it, ${admin.zone}.`,
    body,
    asOf: drawn.asOf,
  });
}

// The last complete month that most figures know: a company whose data end earlier sees its own last month.
function lastMonths({ jukebase, zone }: Console, figures: readonly Figure[]): [string, string] {
  const today = Temporal.Instant.fromEpochMilliseconds(jukebase.clock.now().getTime()).toZonedDateTimeISO(zone).toPlainDate();
  const complete = today.with({ day: 1 }).subtract({ months: 1 }).toString();
  const lasts = figures.flatMap(({ currencies }) => {
    const known = currencies.flatMap(({ months }) => [...months.keys()].filter((month) => month !== "" && month <= complete));
    return known.toSorted().slice(-1);
  });
  const votes = [...Map.groupBy(lasts, (month) => month)].toSorted(
    ([a, one], [b, other]) => other.length - one.length || (a < b ? 1 : -1),
  );
  const month = votes[0]?.[0] ?? complete;
  return [month, Temporal.PlainDate.from(month).subtract({ months: 1 }).toString()];
}

function matters(list: readonly Matter[]) {
  if (list.length === 0) return html`<p class="all-well">${badge("all well", "good")} Nothing needs a hand.</p>`;
  const line = ({ tone, text, fix, href }: Matter) =>
    html`<li>${badge(tone === "error" ? "failed" : "open", tone)}<span>${text}</span><a href="${href}">${fix}</a></li>`;
  return card({ title: "Needs attention", body: html`<ul class="matters">${list.map(line)}</ul>` });
}

function machineryCards({ events, quarantined, waiting, parked, behind }: Machinery) {
  const count = (value: number) => formatNumber(String(value));
  return [
    { label: "Events in the log", value: count(events), href: "/events" },
    { label: "In quarantine", value: count(quarantined), href: "/quarantine" },
    { label: "Waiting for a parent", value: count(waiting), href: "/waiting" },
    { label: "Parked", value: count(parked), href: "/events?fate=parked" },
    {
      label: "Lag",
      value: count(behind),
      note: behind === 0 ? "everything is projected" : "batches yet to be projected",
      href: "/jobs",
    },
  ];
}

function balanceTable(balances: readonly SourceBalance[]) {
  return table({
    caption: "Received equals logged, duplicates, in quarantine, discarded and expired together",
    fields: balanceFields,
    rows: balances.map(({ lost, ...counts }) => ({ ...counts, holds: lost === 0 ? "holds" : `${lost} lost` })),
    cell: (field, row) =>
      field.name === "holds" ? badge(String(row.holds), row.holds === "holds" ? "good" : "error") : undefined,
    link: (field, row) =>
      field.name === "in_quarantine" && Number(row.in_quarantine) > 0 ? `/quarantine?source=${row.source}` : undefined,
    empty: "No source has sent anything.",
  });
}

const balanceFields = [
  { name: "source", type: "text", description: "Who sent." },
  { name: "received", type: "integer", description: "Counted by the reader, before anything is judged." },
  { name: "logged", type: "integer", description: "In the log." },
  { name: "duplicates", type: "integer", description: "Received before with the same body." },
  { name: "in_quarantine", type: "integer", description: "Waiting to be mended." },
  { name: "discarded", type: "integer", description: "Set aside with a reason." },
  { name: "expired", type: "integer", description: "No longer readable." },
  { name: "holds", type: "text", description: "Whether the two sides are equal." },
] as const;

const firstRun = card({
  title: "Begin",
  body: steps([
    { title: "Fill it with a whole made-up company", body: html`<code>jukebase demo</code>` },
    {
      title: "Or load your own events",
      body: html`<code>jukebase ingest events.ndjson --source shop</code> · or <a href="/loads">hand a file over here</a>`,
    },
    { title: "Look at what came of it", body: html`<a href="/reports">The reports</a>` },
  ]),
});
