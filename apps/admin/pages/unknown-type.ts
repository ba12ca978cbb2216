import { card, html, notice, steps, table } from "@jukebase/console";
import { everyType, listModes } from "@jukebase/events";
import { NotFound } from "@jukebase/platform";
import type { Request, Response } from "express";
import { sessionOf } from "../access/sign-in.ts";
import { address } from "../asked.ts";
import type { Console } from "../console.ts";
import { heldOfType } from "../events-queries.ts";
import { modeCard } from "../mode-parts.ts";
import { show } from "../show.ts";

/** A type that no contract describes, and events came of: what is held of it, how to add its contract, and what becomes of it until then. */
export async function showUnknownType(admin: Console, request: Request, response: Response, type: string): Promise<void> {
  const held = await heldOfType(admin.db, type);
  const isSet = type !== everyType && (await listModes(admin.db)).some((mode) => mode.type === type);
  if (held.length === 0 && !isSet)
    throw new NotFound(`No contract has the type ${type}, and no event of it has come. Look at the list of contracts.`);
  const rows = held.map(({ sources, ...one }) => ({ ...one, sources: sources.join(", ") }));
  const body = html`${notice({
    tone: "warn",
    title: "No contract describes this type",
    body: "Its events are kept in quarantine as they came, and are not in the log.",
  })}
${card({
  title: "In quarantine",
  body: table({
    caption: "Items of this type",
    captionHidden: true,
    fields: heldFields,
    rows,
    link: (field, row) => (field.name === "items" ? address("/quarantine", { type, status: String(row.status) }) : undefined),
    empty: "No event of it has come.",
    tz: admin.zone,
  }),
})}
${card({ title: "Add its contract", body: howToAdd(type) })}
${await modeCard(admin, { type, entities: ["tables"] }, sessionOf(response).csrf)}`;
  const breadcrumbs = [{ label: "Contracts", href: "/contracts" }, { label: type }];
  await show(admin, request, response, { title: type, path: "/contracts", body, breadcrumbs });
}

const heldFields = [
  { name: "status", type: "text", description: "What became of them." },
  { name: "items", type: "integer", description: "How many; leads to them." },
  { name: "first_seen", type: "timestamp", description: "When the first of them was received." },
  { name: "last_seen", type: "timestamp", description: "When the last of them was received." },
  { name: "sources", type: "text", description: "Who sent them." },
] as const;

function howToAdd(type: string) {
  const group = address("/quarantine/group", { type, reason: "unknown-type" });
  const known = html`<a href="/contracts">the contracts</a>`;
  const mend = html`<a href="${group}">mend the group</a>`;
  return steps([
    {
      title: "See whether it is a known type under another name",
      body: html`<p>Compare it with ${known}. If it is, ${mend} with an expression such as <code>set $.type = "…"</code>, and replay it.</p>`,
    },
    {
      title: "Otherwise, write its contract",
      body: html`<p>A contract is code: an entry in <code>events.ts</code> of the domain that it belongs to. <code>CONTRIBUTING.md</code> builds one in “Adding a domain”, and <code>docs/how-to/change-a-contract.md</code> says how it may change later.</p>`,
    },
    {
      title: "Start the installation with it, and replay what waits",
      body: html`<p><a href="${group}">Replay the group</a>: each event gets the identity that it would have had when it came, so sending it again adds nothing.</p>`,
    },
  ]);
}
