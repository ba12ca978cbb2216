import { writeFile } from "node:fs/promises";
import { attributes, badge, button, card, hiddenFields, html, selectField, steps, table, textField } from "@jukebase/console";
import { handedOver, handedOverQueue, inboxOf } from "@jukebase/events/handed-over.ts";
import { type Executor, Invalid, type ReportRow } from "@jukebase/platform";
import { sealFile } from "@jukebase/platform/inbox.ts";
import { type Job, listJobs } from "@jukebase/platform/job-list.ts";
import { enqueue } from "@jukebase/platform/jobs.ts";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import type { Console } from "../console.ts";
import { sourceNames } from "../events-queries.ts";
import { goTo, show } from "../show.ts";
import { discardUploads, receiveUpload, sentName, type Upload, type UploadRules } from "../upload.ts";

/** What was loaded, and a form to hand another file over. */
export function loadRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/loads", (request, response) => listLoads(admin, request, response));
  routes.post("/loads", async (request, response) => {
    const upload = await receiveUpload(request, rulesOf(admin, sessionOf(response).csrf));
    try {
      await enqueue(admin.jukebase.database, handedOverQueue, jobOf(upload), upload.files.file?.slice(0, 36));
    } catch (error) {
      await discardUploads(inboxOf(admin.jukebase.config), Object.values(upload.files));
      throw error;
    }
    goTo(request, response, "/loads", {
      tone: "good",
      text: "The file was handed over; the worker loads it, and its counts appear here.",
    });
  });
  return routes;
}

const fileBytesMax = 10 * 1024 ** 3;

// What is sent may tell of persons, so it waits sealed; a mapping only says what columns mean.
function rulesOf({ jukebase }: Console, csrf: string): UploadRules {
  const folder = inboxOf(jukebase.config);
  return {
    folder,
    bytes_max: fileBytesMax,
    allow: (fields) => requireToken(fields._csrf, csrf),
    write: (field, name, input) =>
      field === "mapping"
        ? writeFile(`${folder}/${name}`, input, { flag: "wx", mode: 0o600 })
        : sealFile(folder, name, jukebase.keys.vault, input),
  };
}

function jobOf({ fields, files }: Upload) {
  if (files.file === undefined) throw new Invalid("Choose a file to load.");
  const given = {
    file: files.file,
    mapping: files.mapping,
    source: fields.source?.trim(),
    format: fields.format || undefined,
    type: fields.type?.trim() || undefined,
  };
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(given.source ?? "")) {
    throw new Invalid('A source is named with lower-case letters, digits, ".", "_" and "-", for example "billing-eu".');
  }
  if (given.format === "csv" && given.mapping === undefined)
    throw new Invalid("A CSV file needs a mapping file that says what its columns mean.");
  return handedOver.parse(given);
}

type LoadLine = Readonly<Record<string, string | number | null>>;

function loads(db: Executor): Promise<LoadLine[]> {
  return db.query(
    `select name, source, status, received, logged, duplicates, quarantined, started_at, finished_at, error
     from events.load
     order by load_id desc
     limit 100`,
  );
}

async function listLoads(admin: Console, request: Request, response: Response): Promise<void> {
  const lines = (await loads(admin.db)).map((line) => ({ ...line, name: sentName(String(line.name)) }));
  const waiting = await Promise.all(
    (["created", "retry", "active"] as const).map((state) => listJobs(admin.jukebase, { queue: handedOverQueue, state })),
  );
  const body = html`${card({ title: "Hand a file over", body: await uploadForm(admin, sessionOf(response).csrf) })}
${waiting.flat().length > 0 && card({ title: "Handed over", body: waitingTable(waiting.flat(), admin.zone) })}
${card({ title: "Loads", body: lines.length > 0 ? loadTable(lines, admin.zone) : firstLoad })}`;
  const lead =
    "A load is a file or a stream as a whole: what was received is logged, a duplicate, or in quarantine, and nothing else.";
  await show(admin, request, response, { title: "Loads", lead, body });
}

function waitingTable(jobs: readonly Job[], tz: string) {
  return table({
    caption: "Handed over",
    captionHidden: true,
    fields: waitingFields,
    rows: jobs.map(({ payload, state, retries, error, created_at }) => ({
      file: sentName(String(payload?.file)),
      source: String(payload?.source),
      state: state === "created" ? "waiting" : state,
      tries: retries,
      error,
      created_at,
    })),
    cell: (field, row) =>
      field.name === "state" ? badge(String(row.state), row.state === "retry" ? "warn" : "info") : undefined,
    empty: null,
    tz,
  });
}

const waitingFields = [
  { name: "file", type: "text", description: "The file." },
  { name: "source", type: "text", description: "Who speaks in it." },
  { name: "state", type: "text", description: "waiting for a worker, active, or to be tried again." },
  { name: "tries", type: "integer", description: "Attempts after the first." },
  { name: "error", type: "text", description: "Why the last attempt failed." },
  { name: "created_at", type: "timestamp", description: "When it was handed over." },
] as const;

function loadTable(lines: readonly LoadLine[], tz: string) {
  return table({
    caption: "Loads",
    captionHidden: true,
    fields: lines.some(({ error }) => error !== null) ? [...loadFields, whyFailed] : loadFields,
    rows: lines as readonly ReportRow[],
    cell: (field, row) =>
      field.name === "status" ? badge(String(row.status), tones[String(row.status)] ?? "neutral") : undefined,
    link: (field, row) =>
      field.name === "quarantined" && Number(row.quarantined) > 0 ? `/quarantine?source=${row.source}` : undefined,
    empty: null,
    tz,
  });
}

const tones: Readonly<Record<string, "good" | "info" | "error">> = { done: "good", running: "info", failed: "error" };

const loadFields = [
  { name: "name", type: "text", description: "What it is called: a file's name, mostly." },
  { name: "source", type: "text", description: "Who speaks in it." },
  { name: "status", type: "text", description: "running, done or failed." },
  { name: "received", type: "integer", description: "Items read." },
  { name: "logged", type: "integer", description: "Events that are new in the log." },
  { name: "duplicates", type: "integer", description: "Events that the log had." },
  { name: "quarantined", type: "integer", description: "Items that broke a rule." },
  { name: "started_at", type: "timestamp", description: "When it began." },
  { name: "finished_at", type: "timestamp", description: "When it ended." },
] as const;

const whyFailed = { name: "error", type: "text", description: "Why it failed." } as const;

const firstLoad = steps([
  { title: "Take a file of events: one JSON object to a line, a JSON array, or CSV with a mapping" },
  {
    title: "Hand it over above, or load it in the terminal",
    body: html`<code>jukebase ingest events.ndjson --source shop</code>`,
  },
  { title: "Mend in the quarantine what broke a rule, and replay it" },
]);

// Multipart by hand: the form's hidden token stands before the files, so that it is checked before a byte is kept.
async function uploadForm(admin: Console, csrf: string) {
  const formats = [
    { value: "", label: "Tell from the file" },
    { value: "ndjson", label: "NDJSON: one event to a line" },
    { value: "json", label: "JSON" },
    { value: "csv", label: "CSV, with a mapping" },
  ];
  return html`<form class="form wide" method="post" action="/loads" enctype="multipart/form-data">${hiddenFields({ _csrf: csrf })}
<div class="form-grid">${textField({ name: "source", label: "Source", value: "files", suggestions: await sourceNames(admin.db), required: true, hint: "Who speaks in the file; ids are unique within it." })}
${selectField({ name: "format", label: "Format", choices: formats })}
${textField({ name: "type", label: "Type of bare bodies", suggestions: [...admin.jukebase.contracts.keys()], hint: "Only where events come without an envelope." })}
${fileField("file", "File", "Gzip is fine.", true)}
${fileField("mapping", "Mapping", "For CSV: what the columns mean.", false)}</div>
<div class="form-actions">${button({ label: "Load" })}</div></form>`;
}

function fileField(name: string, label: string, hint: string, required: boolean) {
  const id = `field-${name}`;
  const mark = required && html` <span class="required" aria-hidden="true">*</span>`;
  const input = html`<input type="file"${attributes({ id, name, required, "aria-describedby": `${id}-hint` })}>`;
  return html`<div class="field"><label for="${id}">${label}${mark}</label>${input}<p class="hint" id="${id}-hint">${hint}</p></div>`;
}
