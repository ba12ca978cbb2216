import { card, html, notice, table } from "@jukebase/console";
import { type Archive, type ArchivePolicy, archivePolicy, archives } from "@jukebase/events";
import type { ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import type { Console } from "../console.ts";
import { show } from "../show.ts";

/** What left the log for files, by which policy. */
export function archiveRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/events/archive", (request, response) => showArchives(admin, request, response));
  return routes;
}

async function showArchives(admin: Console, request: Request, response: Response): Promise<void> {
  const [policy, all] = [await archivePolicy(admin.db), await archives(admin.db)];
  const body = html`${policyNotice(policy)}
${card({ title: "Archives", body: archiveTable(all, admin.zone) })}`;
  const lead = "Months of the log that stand in files. Their events count as before, and what comes later may still change them.";
  const breadcrumbs = [{ label: "Events", href: "/events" }, { label: "Archive" }];
  await show(admin, request, response, { title: "Archive", path: "/events", lead, body, breadcrumbs });
}

function policyNotice({ keep_months }: ArchivePolicy) {
  return keep_months === undefined
    ? notice({
        tone: "info",
        title: "The whole log stays in the database",
        body: "No month is archived by itself.",
        next: html`Keep 13 months, say: <code>jukebase archive policy --keep-months 13</code>.`,
      })
    : notice({
        tone: "info",
        title: `${keep_months} whole months stay in the database`,
        body: "The worker archives what is older, each night, once every projection has read it.",
        next: html`Another number: <code>jukebase archive policy --keep-months ${keep_months + 1}</code>.`,
      });
}

function archiveTable(all: readonly Archive[], tz: string) {
  return table({
    caption: "Archives",
    captionHidden: true,
    fields: archiveFields,
    rows: all.map((archive): ReportRow => ({ ...archive, batches: `${archive.first_seq} to ${archive.last_seq}` })),
    empty: "Nothing is archived.",
    tz,
  });
}

const archiveFields = [
  { name: "partition", type: "text", description: "The month of receipt, as the log's partition is called." },
  { name: "rows", type: "integer", description: "How many events it holds." },
  { name: "batches", type: "text", description: "The batches they came in." },
  { name: "file", type: "text", description: "The file, in the folder of the archives." },
  { name: "bytes", type: "integer", description: "Its size." },
  { name: "archived_at", type: "timestamp", description: "When it left the log." },
  { name: "purged_at", type: "timestamp", description: "When its file was deleted for good." },
] as const;
