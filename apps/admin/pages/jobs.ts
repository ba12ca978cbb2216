import { badge, card, form, html, notice, table } from "@jukebase/console";
import { Invalid, type ReportRow, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import {
  type DeadJob,
  deadJobs,
  type Job,
  listJobs,
  type QueueCount,
  queueCounts,
  retryJob,
} from "@jukebase/platform/job-list.ts";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { goTo, show } from "../show.ts";

/** The worker's queues, what failed in them, and another try for it. */
export function jobRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/jobs", (request, response) => showJobs(admin, request, response));
  routes.post("/jobs/retry", async (request, response) => {
    const posted = formOf(request);
    requireToken(posted._csrf, sessionOf(response).csrf);
    const id = asked(posted, "id");
    if (id === undefined) throw new Invalid("Say which job to try again.");
    await transaction(admin.jukebase.database.pg, (db) =>
      audit(db, { ...doerOf(response), action: "job.retry", object: id }, admin.jukebase.clock.now()),
    );
    await retryJob(admin.jukebase, id);
    goTo(request, response, "/jobs", { tone: "good", text: "The job is back in its queue; a worker takes it next." });
  });
  return routes;
}

async function showJobs(admin: Console, request: Request, response: Response): Promise<void> {
  const counts = await queueCounts(admin.jukebase);
  const lead = "What the worker does in the background: loading, projecting, refreshing marts.";
  const body =
    counts.length === 0
      ? noWorker
      : html`${card({ title: "Queues", body: queueTable(counts) })}
${card({ title: "Failed for good", body: deadTable(await deadJobs(admin.jukebase), admin.zone, sessionOf(response).csrf) })}
${card({ title: "Newest jobs", body: jobTable(await listJobs(admin.jukebase, {}, 50), admin.zone) })}`;
  await show(admin, request, response, { title: "Jobs", lead, body });
}

const noWorker = notice({
  tone: "info",
  title: "No worker has run here yet",
  body: "The job queue is made by the first worker.",
  next: html`Start everything with <code>jukebase serve</code>.`,
});

function queueTable(counts: readonly QueueCount[]) {
  const queues = [...Map.groupBy(counts, ({ queue }) => queue)];
  return table({
    caption: "Queues",
    captionHidden: true,
    fields: queueFields,
    rows: queues.map(([queue, own]) => ({
      queue,
      ...noJobs,
      ...Object.fromEntries(own.map(({ state, jobs }) => [state, jobs])),
    })),
    cell: (field, row) => (field.name === "dead" && Number(row.dead) > 0 ? badge(String(row.dead), "error") : undefined),
    empty: null,
  });
}

const noJobs: ReportRow = { created: 0, active: 0, retry: 0, completed: 0, dead: 0 };

const queueFields = [
  { name: "queue", type: "text", description: "The queue." },
  { name: "created", type: "integer", description: "Jobs that wait to be taken." },
  { name: "active", type: "integer", description: "Jobs at work." },
  { name: "retry", type: "integer", description: "Jobs that failed and will be tried again." },
  { name: "completed", type: "integer", description: "Jobs done, as long as they are kept." },
  { name: "dead", type: "integer", description: "Jobs that failed too often." },
] as const;

function deadTable(jobs: readonly DeadJob[], tz: string, csrf: string) {
  return table({
    caption: "Failed for good",
    captionHidden: true,
    fields: deadFields,
    rows: jobs.map(({ job_id, queue, error, retries, died_at }) => ({
      job_id,
      queue,
      error,
      tries: retries + 1,
      died_at,
      again: null,
    })),
    cell: (field, row) => (field.name === "again" ? retryForm(String(row.job_id), csrf) : undefined),
    empty: "No job failed for good.",
    tz,
  });
}

const deadFields = [
  { name: "queue", type: "text", description: "Where it failed." },
  { name: "error", type: "text", description: "What its last attempt ended with." },
  { name: "tries", type: "integer", description: "How often it was tried." },
  { name: "died_at", type: "timestamp", description: "When it was given up." },
  { name: "again", type: "text", description: "Puts it back in its queue." },
] as const;

function retryForm(id: string, csrf: string) {
  return form({ action: "/jobs/retry", csrf, hidden: { id }, body: null, submit: "Try again", tone: "quiet", inline: true });
}

function jobTable(jobs: readonly Job[], tz: string) {
  return table({
    caption: "Newest jobs",
    captionHidden: true,
    fields: jobFields,
    rows: jobs.map(({ queue, state, retries, error, created_at, finished_at }) => ({
      queue,
      state,
      retries,
      error,
      created_at,
      finished_at,
    })),
    cell: (field, row) => (field.name === "state" ? badge(String(row.state), tones[String(row.state)] ?? "neutral") : undefined),
    empty: "None is kept.",
    tz,
  });
}

const tones: Readonly<Record<string, "good" | "info" | "warn" | "error">> = {
  completed: "good",
  active: "info",
  created: "info",
  retry: "warn",
  failed: "error",
};

const jobFields = [
  { name: "queue", type: "text", description: "The queue." },
  { name: "state", type: "text", description: "created, retry, active, completed, cancelled or failed." },
  { name: "retries", type: "integer", description: "Attempts after the first." },
  { name: "error", type: "text", description: "Why the last attempt failed." },
  { name: "created_at", type: "timestamp", description: "When it was sent." },
  { name: "finished_at", type: "timestamp", description: "When it was done." },
] as const;
