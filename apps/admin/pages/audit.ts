import { card, filterBar, html, notice, pagination, table, textField } from "@jukebase/console";
import { type AuditEntry, type AuditProof, auditTrail, verifyAudit } from "@jukebase/platform/audit.ts";
import { type Request, type Response, Router } from "express";
import { address, asked, askedNumber } from "../asked.ts";
import type { Console } from "../console.ts";
import { show } from "../show.ts";

/** Who did what, when, to what and why; and, asked for, the proof that this record is whole. */
export function auditRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/audit", (request, response) => listEntries(admin, request, response));
  return routes;
}

const pageSize = 50;

async function listEntries(admin: Console, request: Request, response: Response): Promise<void> {
  const filter = { object: asked(request.query, "object"), action: asked(request.query, "action") };
  const before = askedNumber(request.query, "before");
  const found = await auditTrail(admin.db, { ...filter, before }, pageSize + 1);
  const entries = found.slice(0, pageSize);
  const proof = asked(request.query, "verify") === undefined ? undefined : await verifyAudit(admin.db);
  const last = entries.at(-1)?.seq;
  const pages = pagination({
    label: "Audit",
    position: entries.length === 0 ? "none" : `entries ${entries[0]?.seq} to ${last}`,
    previous: before === undefined ? undefined : address("/audit", filter),
    next: found.length > pageSize ? address("/audit", { ...filter, before: last }) : undefined,
  });
  const body = html`${proof && verdict(proof)}${filters(filter)}
${card({ title: "Entries", body: entryTable(entries, admin.zone) })}${(before !== undefined || found.length > pageSize) && pages}`;
  const lead = html`Every entry is sealed with the one before it. <a href="/audit?verify=1">Check every seal</a>.`;
  await show(admin, request, response, { title: "Audit", lead, body });
}

function verdict({ broken, entries, head }: AuditProof) {
  if (broken.length === 0)
    return notice({
      tone: "good",
      title: `Each of the ${entries} entries stands as it was written.`,
      next: html`Keep this head elsewhere: <code>${entries}:${head}</code>`,
    });
  return notice({
    tone: "error",
    title: "The audit log is not what was written",
    body: html`<ul>${broken.map(({ seq, what }) => html`<li>Entry ${seq}: ${what}.</li>`)}</ul>`,
    next: "Keep the database as it is, and compare it with a backup.",
  });
}

type Filter = { readonly object: string | undefined; readonly action: string | undefined };

function filters({ object, action }: Filter) {
  return filterBar({
    action: "/audit",
    label: "Filters of the audit log",
    fields: html`${textField({ name: "object", label: "Object", value: object })}${textField({ name: "action", label: "Action", value: action })}`,
    clear: (object ?? action) === undefined ? undefined : "/audit",
  });
}

function entryTable(entries: readonly AuditEntry[], tz: string) {
  return table({
    caption: "Entries",
    captionHidden: true,
    fields: entryFields,
    rows: entries.map((entry) => ({ ...entry, before: textOf(entry.before), after: textOf(entry.after) })),
    link: (field, row) => (field.name === "object" ? address("/audit", { object: String(row.object) }) : undefined),
    empty: "Nothing like it was written down.",
    tz,
  });
}

function textOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value);
}

const entryFields = [
  { name: "seq", type: "integer", description: "Its number; none is missing." },
  { name: "at", type: "timestamp", description: "When." },
  { name: "actor", type: "text", description: "Who." },
  { name: "action", type: "text", description: "What was done." },
  { name: "object", type: "text", description: "To what." },
  { name: "why", type: "text", description: "Why, where it was said." },
  { name: "before", type: "text", description: "How it was; hashes and tokens instead of values." },
  { name: "after", type: "text", description: "How it was then." },
] as const;
