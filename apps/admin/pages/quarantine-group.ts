import {
  badge,
  button,
  card,
  definitions,
  form,
  formatInstant,
  formatNumber,
  type HtmlValue,
  html,
  notice,
  sideBySide,
  textArea,
  textField,
} from "@jukebase/console";
import {
  type GroupMending,
  type MendingSample,
  type QuarantineChoice,
  type QuarantineGroup,
  quarantineGroups,
  type ReplayTrial,
  tryMending,
} from "@jukebase/events";
import { Invalid } from "@jukebase/platform";
import type { Request, Response } from "express";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { eventLines } from "../json-lines.ts";
import { show } from "../show.ts";
import { typeLink } from "./event.ts";

/** What was just tried on a group: an expression that is shown at work, or a replay that was counted. */
export type Tried = { readonly expression?: string; readonly trial?: ReplayTrial };

/** The group that a query or a form names. Throws `Invalid` when it names no type or no reason; the type may be empty. */
export function askedGroup(from: unknown): QuarantineChoice {
  const reason = asked(from, "reason");
  const named = typeof (from as Record<string, unknown> | undefined)?.type === "string";
  if (!named || reason === undefined) throw new Invalid("Say which group: its type and its reason.");
  const [source, receivedFrom, receivedTo] = [asked(from, "source"), asked(from, "from"), asked(from, "to")];
  return { type: asked(from, "type") ?? "", reason, source, receivedFrom, receivedTo };
}

/** One group of quarantined items: mend them all by one expression, tried before it is done; replay them, counted before it is done. */
export async function showGroup(
  admin: Console,
  request: Request,
  response: Response,
  choice: QuarantineChoice,
  tried: Tried = {},
): Promise<void> {
  const [group] = await quarantineGroups(admin.db, choice, 1);
  const title = `${choice.type || "Unknown type"}: ${choice.reason}`;
  const breadcrumbs = [{ label: "Quarantine", href: "/quarantine" }, { label: title }];
  const body =
    group === undefined
      ? notice({ tone: "good", title: "No open item is in this group.", next: html`<a href="/quarantine">See the others</a>` })
      : await parts(admin, group, choice, tried, sessionOf(response).csrf);
  await show(admin, request, response, { title, path: "/quarantine", body, breadcrumbs });
}

async function parts(
  admin: Console,
  group: QuarantineGroup,
  choice: QuarantineChoice,
  { expression, trial }: Tried,
  csrf: string,
): Promise<HtmlValue> {
  const outcome = expression === undefined ? undefined : await tryMending(admin.jukebase, choice, expression).catch(unreadable);
  const hidden = hiddenOf(choice);
  return html`${card({ body: facts(admin, group, choice) })}
${card({ title: "Mend them all", body: mendForm(expression, outcome, hidden, csrf) })}
${outcome !== undefined && typeof outcome !== "string" && mendingTrial(outcome, group.type, { ...hidden, expression: expression ?? "" }, csrf)}
${card({ title: "Replay them all", body: html`${trial && replayTrial(trial)}${replayForm(hidden, csrf)}` })}`;
}

function facts({ zone }: Console, group: QuarantineGroup, choice: QuarantineChoice) {
  const moment = (iso: string) => formatInstant(Temporal.Instant.from(iso), zone);
  const items = address("/quarantine", { type: group.type ?? undefined, reason: group.reason, source: choice.source });
  return definitions([
    ["Type", group.type === null ? "could not be read" : typeLink(group.type)],
    ["Reason", badge(group.reason)],
    ["Items", html`<a href="${items}">${formatNumber(String(group.items))}</a>`],
    ["Mended", formatNumber(String(group.mended))],
    ["First seen", moment(group.first_seen)],
    ["Last seen", moment(group.last_seen)],
    ["Sources", group.sources.join(", ")],
    ["A sample", html`<a href="/quarantine/${group.sample}">${group.rule}</a>`, "whole"],
  ]);
}

function mendForm(
  expression: string | undefined,
  outcome: object | string | undefined,
  hidden: Readonly<Record<string, string>>,
  csrf: string,
): HtmlValue {
  const field = textArea({
    name: "expression",
    label: "Expression",
    value: expression,
    code: true,
    rows: 4,
    required: true,
    hint: 'set $.data.Currency = "EUR" if missing; rename $.data.Amount to $.data.PaymentAmount; replace $.data.PaymentAmount "," with "."; remove $.data.Note; copy $.id to $.data.PaymentId',
    error: typeof outcome === "string" ? outcome : undefined,
  });
  return html`<div class="tall-form">${form({ action: "/quarantine/mend", csrf, hidden, body: field, submit: "Try it", tone: "quiet" })}</div>`;
}

function mendingTrial(
  { samples, ...counts }: GroupMending & { readonly samples: readonly MendingSample[] },
  type: string | null,
  hidden: Readonly<Record<string, string>>,
  csrf: string,
): HtmlValue {
  const shown = samples.map(
    ({ quarantine_id, before, after, issues }) => html`<h3><a href="/quarantine/${quarantine_id}">${quarantine_id}</a></h3>
${sideBySide({ before: eventLines(before, type, []), after: eventLines(after, type, issues), titles: ["Before", "After"] })}`,
  );
  const go = form({
    action: "/quarantine/mend",
    csrf,
    hidden: { ...hidden, do: "mend" },
    body: whyField("mend-why"),
    submit: `Mend ${formatNumber(String(counts.changed))} items`,
  });
  return html`${notice({
    tone: counts.broken > 0 ? "warn" : "good",
    title: `${counts.sound} of ${counts.taken} would keep their contract, ${counts.broken} would not.`,
    body: html`${counts.changed} would be changed. ${reasonList(counts.reasons)}`,
  })}
${samples.length > 0 && card({ title: "For example", body: html`${shown}` })}
${counts.changed > 0 && card({ title: "Do it", body: go })}`;
}

function replayTrial({ taken, logged, duplicates, left, reasons }: ReplayTrial): HtmlValue {
  return notice({
    tone: left > 0 ? "warn" : "good",
    title: `Of ${taken}, ${logged} would be logged, ${duplicates} are duplicates, ${left} would stay.`,
    body: reasonList(reasons),
  });
}

function replayForm(hidden: Readonly<Record<string, string>>, csrf: string): HtmlValue {
  return form({
    action: "/quarantine/replay",
    csrf,
    hidden,
    body: whyField("why"),
    submit: "Replay them all",
    more: button({ label: "Only count", tone: "quiet", name: "do", value: "try" }),
  });
}

function whyField(name: string): HtmlValue {
  return textField({ name, label: "Reason", hint: "Kept in the audit log; may be left out." });
}

function reasonList(reasons: Readonly<Record<string, number>>): HtmlValue {
  const listed = Object.entries(reasons).toSorted(([, a], [, b]) => b - a);
  return listed.length === 0
    ? null
    : html`<ul>${listed.map(([reason, items]) => html`<li>${items} × ${badge(reason)}</li>`)}</ul>`;
}

function hiddenOf({ type = "", reason = "", source, receivedFrom, receivedTo }: QuarantineChoice): Record<string, string> {
  const said = { type, reason, source, from: receivedFrom, to: receivedTo };
  return Object.fromEntries(Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function unreadable(error: unknown): string {
  if (error instanceof Invalid) return error.message;
  throw error;
}
