import { attributes, badge, button, card, hiddenFields, html, selectField, steps, table, textField } from "@jukebase/console";
import { handedOver, inboxOf } from "@jukebase/events/handed-over.ts";
import { type Executor, Invalid, type ReportRow } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import type { Console } from "../console.ts";
import { sourceNames } from "../events-queries.ts";
import { goTo, show } from "../show.ts";
import { discardUploads, receiveUpload, type Upload } from "../upload.ts";

/** What was loaded, and a form to hand another file over. */
export function loadRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/loads", (request, response) => listLoads(admin, request, response));
  routes.post("/loads", async (request, response) => {
    const folder = inboxOf(admin.jukebase.config);
    const allow = (fields: Readonly<Record<string, string>>) => requireToken(fields._csrf, sessionOf(response).csrf);
    const upload = await receiveUpload(request, { folder, bytes_max: fileBytesMax, allow });
    try {
      await admin.queue.handOver(jobOf(upload));
    } catch (error) {
      await discardUploads(folder, Object.values(upload.files));
      throw error;
    }
    goTo(request, response, "/loads", { tone: "good", text: "The file was handed over; the worker loads it, and its counts appear here." });
  });
  return routes;
}

const fileBytesMax = 4 * 1024 ** 3;

function jobOf({ fields, files }: Upload) {
  if (files.file === undefined) throw new Invalid("Choose a file to load.");
  const given = { file: files.file, mapping: files.mapping, source: fields.source?.trim(), format: fields.format || undefined, type: fields.type?.trim() || undefined };
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(given.source ?? "")) {
    throw new Invalid('A source is named with lower-case letters, digits, ".", "_" and "-", for example "billing-eu".');
  }
  if (given.format === "csv" && given.mapping === undefined) throw new Invalid("A CSV file needs a mapping file that says what its columns mean.");
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
  const lines = await loads(admin.db);
  const body = html`${card({ title: "Hand a file over", body: await uploadForm(admin, sessionOf(response).csrf) })}
${card({ title: "Loads", body: lines.length > 0 ? loadTable(lines, admin.zone) : firstLoad })}`;
  const lead = "A load is a file or a stream as a whole: what was received is logged, a duplicate, or in quarantine, and nothing else.";
  await show(admin, request, response, { title: "Loads", lead, body });
}

function loadTable(lines: readonly LoadLine[], tz: string) {
  return table({
    caption: "Loads",
    captionHidden: true,
    fields: lines.some(({ error }) => error !== null) ? [...loadFields, whyFailed] : loadFields,
    rows: lines as readonly ReportRow[],
    cell: (field, row) => (field.name === "status" ? badge(String(row.status), tones[String(row.status)] ?? "neutral") : undefined),
    link: (field, row) => (field.name === "quarantined" && Number(row.quarantined) > 0 ? `/quarantine?source=${row.source}` : undefined),
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
  { title: "Hand it over above, or load it in the terminal", body: html`<code>jukebase ingest events.ndjson --source shop</code>` },
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
