import { badge, card, form, html, notice, table } from "@jukebase/console";
import { Invalid, type ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { type FailedJob, failedJobs, type QueueLine, queueLines, queuesAreThere } from "../jobs-queries.ts";
import { goTo, show } from "../show.ts";

/** The worker's queues, what failed in them, and another try for it. */
export function jobRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/jobs", (request, response) => listJobs(admin, request, response));
  routes.post("/jobs/retry", async (request, response) => {
    const posted = formOf(request);
    requireToken(posted._csrf, sessionOf(response).csrf);
    const [queue, id] = [asked(posted, "queue"), asked(posted, "id")];
    if (queue === undefined || id === undefined || !/^[0-9a-f-]{36}$/i.test(id)) throw new Invalid("Say which job of which queue to try again.");
    await (asked(posted, "letter") === "yes" ? admin.queue.redrive(queue, id) : admin.queue.retry(queue, id));
    goTo(request, response, "/jobs", { tone: "good", text: "The job is back in its queue; a worker takes it next." });
  });
  return routes;
}

async function listJobs(admin: Console, request: Request, response: Response): Promise<void> {
  const lead = "What the worker does in the background: loading, projecting, refreshing marts.";
  const body = (await queuesAreThere(admin.db))
    ? html`${card({ title: "Queues", body: queueTable(await queueLines(admin.db), admin.zone) })}
${card({ title: "Failed and dead letters", body: failedTable(await failedJobs(admin.db), admin.zone, sessionOf(response).csrf) })}`
    : notice({ tone: "info", title: "No worker has run here yet", body: "The job queue is made by the first worker.", next: html`Start everything with <code>jukebase serve</code>.` });
  await show(admin, request, response, { title: "Jobs", lead, body });
}

function queueTable(lines: readonly QueueLine[], tz: string) {
  return table({
    caption: "Queues",
    captionHidden: true,
    fields: queueFields,
    rows: lines as readonly ReportRow[],
    cell: (field, row) => (field.name === "failed" && Number(row.failed) > 0 ? badge(String(row.failed), "error") : undefined),
    empty: html`There is no queue yet. Start a worker with <code>jukebase serve</code>.`,
    tz,
  });
}

const queueFields = [
  { name: "name", type: "text", description: "The queue." },
  { name: "waiting", type: "integer", description: "Jobs to be taken." },
  { name: "active", type: "integer", description: "Jobs at work." },
  { name: "retrying", type: "integer", description: "Jobs that failed and will be tried again." },
  { name: "completed", type: "integer", description: "Jobs done, as long as they are kept." },
  { name: "failed", type: "integer", description: "Jobs that failed for good." },
  { name: "last_completed_at", type: "timestamp", description: "When the last job was done." },
] as const;

function failedTable(jobs: readonly FailedJob[], tz: string, csrf: string) {
  return table({
    caption: "Failed jobs",
    captionHidden: true,
    fields: failedFields,
    rows: jobs.map((job) => ({ ...job, retry: null })),
    cell: (field, row) => (field.name === "retry" ? retryForm(row, csrf) : undefined),
    empty: "No job failed.",
    tz,
  });
}

const failedFields = [
  { name: "queue", type: "text", description: "Where it lies." },
  { name: "origin", type: "text", description: "The queue that a dead letter came from." },
  { name: "error", type: "text", description: "What its last try ended with." },
  { name: "tries", type: "integer", description: "How often it was tried." },
  { name: "failed_at", type: "timestamp", description: "When it ended." },
  { name: "retry", type: "text", description: "Puts it back in its queue." },
] as const;

function retryForm(row: ReportRow, csrf: string) {
  const hidden = { queue: String(row.queue), id: String(row.id), letter: row.origin === null ? "no" : "yes" };
  return form({ action: "/jobs/retry", csrf, hidden, body: null, submit: "Try again", tone: "quiet", inline: true });
}
