import {
  badge,
  button,
  card,
  code,
  definitions,
  form,
  formatInstant,
  type HtmlValue,
  html,
  notice,
  sideBySide,
  textArea,
  textField,
} from "@jukebase/console";
import { type QuarantineItem, showEvent, showQuarantine } from "@jukebase/events";
import type { ContractIssue } from "@jukebase/platform";
import type { Request, Response } from "express";
import { sessionOf } from "../access/sign-in.ts";
import type { Console } from "../console.ts";
import { indentJson } from "../indent-json.ts";
import { eventLines } from "../json-lines.ts";
import { show } from "../show.ts";
import { sentName } from "../upload.ts";
import { fateList, ruleList, typeLink } from "./event.ts";

/** A mended text that was sent: what it would still break, or in words why it could not be read at all. */
export type Mending = { readonly text: string; readonly outcome: readonly ContractIssue[] | string };

type Item = Awaited<ReturnType<typeof showQuarantine>>;

/** One quarantined item: why it is here, what was received, how to mend it, and, once replayed, what became of it. */
export async function showQuarantined(
  admin: Console,
  request: Request,
  response: Response,
  mending?: Mending,
  status = 200,
): Promise<void> {
  const item = await showQuarantine(admin.db, admin.jukebase.keys, String(request.params.id));
  const { csrf } = sessionOf(response);
  const body = html`${card({ body: facts(item, admin.zone) })}
${item.status === "open" ? mendingParts(item, csrf, mending) : await outcomeParts(admin, item)}
${card({ title: item.value_of === null ? "As received" : "Values as sent", body: received(item) })}
${item.status === "open" && discardPart(item, csrf)}`;
  const breadcrumbs = [{ label: "Quarantine", href: "/quarantine" }, { label: item.event_id ?? item.reason }];
  const title = `${item.type ?? "Unknown type"}: ${item.reason}`;
  await show(admin, request, response, { title, path: "/quarantine", body, breadcrumbs }, status);
}

function facts(item: QuarantineItem, zone: string) {
  return definitions([
    ["Status", badge(item.status, item.status === "open" ? "warn" : "neutral")],
    ["Type", item.type === null ? "could not be read" : typeLink(item.type)],
    ["Event", item.event_id ?? "without id"],
    ["Source", item.source],
    ["Origin", item.load === null ? "a request" : `${sentName(item.load)}${item.line === null ? "" : `, line ${item.line}`}`],
    ["Received", formatInstant(Temporal.Instant.from(item.received_at), zone)],
    ["Tries", String(item.attempts)],
  ]);
}

function mendingParts(item: Item, csrf: string, mending: Mending | undefined): HtmlValue {
  const problems = mending && typeof mending.outcome !== "string" ? mending.outcome : item.issues;
  const complaint = typeof mending?.outcome === "string" ? mending.outcome : undefined;
  const saved = item.envelope !== undefined && mending === undefined;
  const text = mending?.text ?? indentJson(item.envelope ?? item.received ?? "");
  const sound = mending !== undefined && problems.length === 0 && complaint === undefined;
  return html`${saved && notice({ tone: "info", title: "A mended text is kept beside what was received; a replay takes that." })}
${
  sound
    ? notice({ tone: "good", title: "This text keeps its contract", next: "It is not saved yet: save it, then replay it." })
    : card({ title: mending ? "What it still breaks" : "What it breaks", body: ruleList(problems) })
}
${differences(item, mending, saved)}
${card({
  title: "Mend it",
  body: html`<div class="tall-form">${form({
    action: `/quarantine/${item.quarantine_id}/fix`,
    csrf,
    submit: "Check and save",
    more: button({ label: "Show the differences", tone: "quiet", name: "do", value: "show" }),
    body: textArea({
      name: "text",
      label: "The event as JSON",
      value: text,
      code: true,
      rows: Math.min(28, Math.max(10, text.split("\n").length + 1)),
      hint: "What was received is never overwritten; this text stands beside it.",
      error: complaint,
      required: true,
    }),
  })}</div>
${form({ action: `/quarantine/${item.quarantine_id}/replay`, csrf, body: null, submit: saved ? "Replay the mended text" : "Replay as it is", tone: saved ? "primary" : "quiet", inline: true })}`,
})}`;
}

// What was received beside what would be replayed; each broken rule stands at its place on its side.
function differences(item: Item, mending: Mending | undefined, saved: boolean): HtmlValue {
  const before = item.received ?? item.envelope;
  const after = mending?.text ?? (saved ? item.envelope : undefined);
  if (before === undefined) return null;
  const issues = mending && typeof mending.outcome !== "string" ? mending.outcome : [];
  const received = eventLines(before, item.type, after === undefined || !item.mended ? item.issues : []);
  if (after === undefined)
    return received.some(({ mark }) => mark !== undefined) && received.length > 1
      ? card({ title: "Where", body: sideBySide({ before: received, after: received, titles: ["Received", "To be replayed"] }) })
      : null;
  const mended = eventLines(after, item.type, issues);
  return card({ title: "Differences", body: sideBySide({ before: received, after: mended, titles: ["Received", "Mended"] }) });
}

async function outcomeParts(admin: Console, item: Item): Promise<HtmlValue> {
  if (item.status === "discarded")
    return html`${notice({ tone: "info", title: "Discarded", body: item.resolution })}${card({ title: "What it breaks", body: ruleList(item.issues) })}`;
  if (item.value_of !== null) return discardedValues(item, item.value_of);
  if (item.status === "expired")
    return notice({
      tone: "info",
      title: "Expired",
      body: "The key of its day is gone, so what was received can't be read any more.",
    });
  const event =
    item.event_key === null ? undefined : await showEvent(admin.db, item.event_key, undefined, admin.jukebase.archive);
  if (!event)
    return notice({ tone: "info", title: "Replayed", body: html`It is in the log; see <a href="/events">the events</a>.` });
  const next = html`<a href="/events/${event.event_key}">Open the event ${event.event_id}</a>`;
  return html`${notice({ tone: "good", title: "Replayed", next })}${card({ title: "What became of it", body: await fateList(admin, event) })}`;
}

function discardedValues(item: Item, event_key: string): HtmlValue {
  const next = html`<a href="/events/${event_key}">Open the event ${item.event_id}</a>`;
  const body = "A mode of its contract took them out of an event, which was logged without them. They count as nothing here.";
  return html`${notice({ tone: "info", title: "Discarded values", body, next })}${card({ title: "What they break", body: ruleList(item.issues) })}`;
}

function received(item: Item): HtmlValue {
  if (item.received === undefined)
    return notice({ tone: "warn", title: "What was received can't be read any more: the key of its day has expired." });
  return code(item.received === "" ? "(nothing)" : item.received, "What was received");
}

function discardPart(item: Item, csrf: string) {
  const why = textField({ name: "why", label: "Reason", required: true, hint: "Kept with the item, with your name." });
  const body = form({ action: `/quarantine/${item.quarantine_id}/discard`, csrf, body: why, submit: "Discard", tone: "danger" });
  return card({ title: "Set it aside for good", body });
}
