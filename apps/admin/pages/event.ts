import { badge, card, code, definitions, formatInstant, type HtmlValue, html, join, notice } from "@jukebase/console";
import { type EventFate, showEvent } from "@jukebase/events";
import type { ContractIssue } from "@jukebase/platform";
import type { Request, Response } from "express";
import { asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { type Reader, readers } from "../events-queries.ts";
import { show } from "../show.ts";

/** One event: what it says, what changes it, and what each projection did with it. */
export async function showOneEvent(admin: Console, request: Request, response: Response): Promise<void> {
  const event = await showEvent(admin.db, String(request.params.id), asked(request.query, "source"), admin.jukebase.archive);
  const moment = (iso: string) => formatInstant(Temporal.Instant.from(iso), admin.zone);
  const body = html`${card({
    body: definitions([
      ["Type", html`${typeLink(event.type)} version ${event.version}`],
      ["Source", event.source],
      ["Occurred", moment(event.occurred_at)],
      ["Received", moment(event.recorded_at)],
      ["Position", `batch ${event.seq}, event ${event.ordinal}`],
      ["Key", html`<code>${event.event_key}</code>`],
      ...(event.archived === null ? [] : [["Archived", `${moment(event.archived.since)}, in ${event.archived.file}`] as const]),
    ]),
  })}
${discardedNotice(event)}
${card({ title: "What became of it", body: await fateList(admin, event) })}
${card({ title: "Data, as normalised", body: code(JSON.stringify(event.data, null, 2), "Data of the event") })}
${event.sent && card({ title: "As sent, where it was written differently", body: code(JSON.stringify(event.sent, null, 2), "Fields as sent") })}`;
  const breadcrumbs = [{ label: "Events", href: "/events" }, { label: event.event_id }];
  await show(admin, request, response, { title: event.event_id, path: "/events", body, breadcrumbs });
}

/** An event type that leads to its contract, or to what is to be done about a type that has none. */
export function typeLink(type: string): HtmlValue {
  return html`<a href="/contracts/${encodeURIComponent(type)}">${breakable(type)}</a>`;
}

// A dotted name that may be broken over two lines after a dot.
function breakable(name: string): HtmlValue {
  return join(name.split("."), html`.<wbr>`);
}

/** Rules that were broken, each with its place. */
export function ruleList(issues: readonly ContractIssue[]): HtmlValue {
  return html`<ul class="issues">${issues.map(({ path, rule, code: name }) => html`<li><code>${path}</code> ${rule} ${badge(name)}</li>`)}</ul>`;
}

/** What each projection that reads the event's type did with it, and which events change it. */
export async function fateList({ jukebase, db }: Console, event: EventFate): Promise<HtmlValue> {
  const positions = await readers(db);
  const concerned = jukebase.domains
    .flatMap((domain) => domain.projections)
    .filter((projection) => projection.types.includes(event.type));
  const changes = event.changed_by.map(({ event_id, how }) =>
    notice({
      tone: "info",
      title: how === "amends" ? "Another event amends this one" : "Another event retracts this one",
      body: html`<a href="${`/events/${encodeURIComponent(event_id)}?source=${event.source}`}">${event_id}</a>`,
    }),
  );
  const lines = concerned.map(({ name }) => html`<li>${fateIn(name, event, positions)}</li>`);
  return html`${changes}<ul class="fates"><li>${badge("logged", "good")} in the log at batch ${event.seq}</li>${lines}</ul>`;
}

function discardedNotice({ discarded }: EventFate): HtmlValue {
  return discarded.map(({ quarantine, issues, readable }) =>
    notice({
      tone: "info",
      title: "Values were discarded before it was logged",
      body: html`A mode of its contract took them out: ${ruleList(issues)}`,
      next: html`<a href="/quarantine/${quarantine}">${readable ? "See them in quarantine" : "See what is left of them in quarantine"}</a>`,
    }),
  );
}

function fateIn(projection: string, event: EventFate, positions: readonly Reader[]): HtmlValue {
  const parked = event.parked.find((one) => one.projection === projection);
  if (parked) return html`${badge("parked", "error")} ${projection} failed on it: ${parked.error}`;
  const waits = event.waiting.filter((one) => one.projection === projection);
  if (waits.length > 0) {
    const parents = waits.map(({ needs_kind, needs_id }) => `${needs_kind} ${needs_id}`).join(", ");
    return html`${badge("waiting", "warn")} ${projection} waits for ${parents}; it is released when that arrives`;
  }
  const read = positions.find((one) => one.projection === projection)?.seq ?? 0;
  if (read < event.seq)
    return html`${badge("unread", "info")} ${projection} has read up to batch ${read}; the worker brings it here`;
  return html`${badge("read", "good")} ${projection} has read it`;
}
