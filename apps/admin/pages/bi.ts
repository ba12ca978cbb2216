import { badge, card, code, form, formatInstant, html, notice, type Tone, table } from "@jukebase/console";
import { type Examination, lastExaminations } from "@jukebase/marts/bi/examine.ts";
import { findReader, listReaders, type StandingReader } from "@jukebase/marts/bi/readers.ts";
import { addressFor, snippetFor, tools } from "@jukebase/marts/bi/tools.ts";
import { freshnessView, lastSample, readsOf, sampleUse, type Use } from "@jukebase/marts/bi/use.ts";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { goTo, show } from "../show.ts";

/** The logins of BI tools, how each connects, what it reads, and what came of trying what it must not do. */
export function biRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/bi", (request, response) => showAll(admin, request, response));
  routes.post("/bi/count", (request, response) => countNow(admin, request, response));
  routes.get("/bi/:name", (request, response) => showOne(admin, request, response));
  return routes;
}

async function showAll(admin: Console, request: Request, response: Response): Promise<void> {
  const readers = await listReaders(admin.db);
  const examinations = await lastExaminations(admin.db);
  const { csrf } = sessionOf(response);
  const body = html`${card({ title: "Roles", body: readerTable(readers, examinations, admin.zone) })}
${card({ title: "Use", actions: countForm(csrf), body: html`${await countedAt(admin)}${useTable(await readsOf(admin.db), admin.zone)}` })}
${card({ title: "Connect a tool", body: toolTable() })}`;
  const lead =
    "Each BI tool reads the marts through a login of its own: read-only, within limits, persons masked unless it was made to see them.";
  await show(admin, request, response, { title: "BI access", lead, body });
}

async function showOne(admin: Console, request: Request, response: Response): Promise<void> {
  const reader = await findReader(admin.db, String(request.params.name));
  const examination = (await lastExaminations(admin.db)).find((one) => one.reader === reader.name);
  const uses = (await readsOf(admin.db)).filter((use) => use.reader === reader.name);
  const snippet = snippetFor(reader.tool, addressFor(admin.jukebase.database.url, reader.name)).join("\n");
  const body = html`${card({
    title: `Connect ${tools[reader.tool].title}`,
    body: html`${code(snippet, `How ${reader.name} connects`)}
<p>The password was shown when the login was made. Another one: <code>jukebase bi role rotate ${reader.name}</code>. Settings that matter, and
queries to begin with: <code>${tools[reader.tool].page}</code>.</p>`,
  })}
${card({ title: "Examination", body: examinationOf(reader, examination, admin.zone) })}
${card({ title: "Use", body: useTable(uses, admin.zone) })}`;
  const lead = `${tools[reader.tool].title}, ${reader.sensitive ? "persons in clear" : "persons masked"}, ${reader.connections} sessions at most, ${reader.timeout_ms / 1000} s for a statement.`;
  const breadcrumbs = [{ label: "BI access", href: "/bi" }, { label: reader.name }];
  await show(admin, request, response, { title: reader.name, path: "/bi", lead, body, breadcrumbs });
}

async function countNow({ jukebase }: Console, request: Request, response: Response): Promise<void> {
  requireToken(formOf(request)._csrf, sessionOf(response).csrf);
  const names = jukebase.marts.map(({ name }) => name);
  const { reads, problem } = await sampleUse(jukebase.database.pg, names, jukebase.clock.now());
  goTo(
    request,
    response,
    "/bi",
    problem === undefined ? { tone: "good", text: `Counted ${reads} reads more.` } : { tone: "warn", text: problem },
  );
}

function countForm(csrf: string) {
  return form({ action: "/bi/count", csrf, body: null, submit: "Count now", tone: "quiet", inline: true });
}

async function countedAt({ db, zone }: Console) {
  const { sampled_at, problem } = await lastSample(db);
  if (problem !== null) return notice({ tone: "warn", title: "What is read cannot be counted", body: problem });
  if (sampled_at === null) return html`<p>Nothing was counted yet; the worker does so each hour.</p>`;
  return html`<p>As counted ${formatInstant(Temporal.Instant.from(sampled_at), zone)}; the worker counts each hour.</p>`;
}

const tones: Readonly<Record<string, Tone>> = { held: "good", weak: "warn", broken: "error" };

function readerTable(readers: readonly StandingReader[], examinations: readonly Examination[], tz: string) {
  const states = new Map(examinations.map((examination) => [examination.reader, stateOf(examination)]));
  return table({
    caption: "Roles",
    captionHidden: true,
    fields: readerFields,
    rows: readers.map(({ name, tool, sensitive, groups, connections, sessions, timeout_ms, created_at }) => ({
      name,
      tool: tools[tool].title,
      persons: sensitive ? "in clear" : "masked",
      groups: groups.join(", ") || null,
      sessions: `${sessions} of ${connections}`,
      timeout_s: timeout_ms / 1000,
      created_at,
      examination: states.get(name) ?? null,
    })),
    link: (field, row) => (field.name === "name" ? `/bi/${row.name}` : undefined),
    cell: (field, row) =>
      field.name === "examination" && row.examination !== null
        ? badge(String(row.examination), tones[String(row.examination)] ?? "neutral")
        : undefined,
    empty: html`There is none yet. Make one: <code>jukebase bi role create metabase --tool metabase</code>`,
    tz,
  });
}

function stateOf({ findings }: Examination): string {
  return ["broken", "weak"].find((outcome) => findings.some((finding) => finding.outcome === outcome)) ?? "held";
}

const readerFields = [
  { name: "name", type: "text", description: "The login." },
  { name: "tool", type: "text", description: "The tool that it is for." },
  { name: "persons", type: "text", description: "Whether what tells of natural persons is masked." },
  { name: "groups", type: "text", description: "Groups by which marts decide whose rows it sees." },
  { name: "sessions", type: "text", description: "Sessions now, and how many there may be." },
  { name: "timeout_s", type: "integer", description: "Seconds that a statement may take." },
  { name: "created_at", type: "timestamp", description: "When it was made." },
  { name: "examination", type: "text", description: "What the last examination found at worst." },
] as const;

function examinationOf(reader: StandingReader, examination: Examination | undefined, zone: string) {
  const again = html`<p>Examine it: <code>jukebase bi doctor ${reader.name}</code></p>`;
  if (examination === undefined) return html`<p>Nobody has tried yet what this login must not be able to do.</p>${again}`;
  const when = formatInstant(Temporal.Instant.from(examination.examined_at), zone);
  const by = examination.login === "itself" ? "as the login itself" : "by a login made for it, with the same rights";
  return html`<p>Tried ${when}, ${by}.</p>${table({
    caption: "Findings",
    captionHidden: true,
    fields: findingFields,
    rows: examination.findings.map(({ probe, outcome, found, next }) => ({ probe, outcome, found, next: next ?? null })),
    cell: (field, row) =>
      field.name === "outcome" ? badge(String(row.outcome), tones[String(row.outcome)] ?? "neutral") : undefined,
    empty: null,
  })}${again}`;
}

const findingFields = [
  { name: "probe", type: "text", description: "What must hold." },
  { name: "outcome", type: "text", description: "held; weak: without harm to data; broken: not refused." },
  { name: "found", type: "text", description: "What was seen." },
  { name: "next", type: "text", description: "What to do." },
] as const;

function useTable(uses: readonly Use[], tz: string) {
  return table({
    caption: "Use",
    captionHidden: true,
    fields: useFields,
    rows: uses.map(({ mart, reader, reads, rows, duration_ms, last_read_at }) => ({
      mart,
      reader,
      reads,
      rows,
      duration_ms,
      last_read_at,
    })),
    link: (field, row) => {
      if (field.name === "reader") return `/bi/${row.reader}`;
      return field.name === "mart" && row.mart !== freshnessView ? `/marts/${row.mart}` : undefined;
    },
    empty: "No read of a mart by a BI tool was counted.",
    tz,
  });
}

const useFields = [
  { name: "mart", type: "text", description: "The mart." },
  { name: "reader", type: "text", description: "The login that read it." },
  { name: "reads", type: "integer", description: "Statements that read it." },
  { name: "rows", type: "integer", description: "Rows that they gave." },
  { name: "duration_ms", type: "integer", description: "How long they took together, in milliseconds." },
  { name: "last_read_at", type: "timestamp", description: "When a read was last counted; it was at most an hour before." },
] as const;

function toolTable() {
  return table({
    caption: "Connect a tool",
    captionHidden: true,
    fields: toolFields,
    rows: Object.values(tools).map(({ name, title, connections, timeout_s, page }) => ({
      tool: title,
      command: `jukebase bi role create ${name} --tool ${name}`,
      connections,
      timeout_s,
      page,
    })),
    cell: (field, row) => (field.name === "command" ? html`<code>${String(row.command)}</code>` : undefined),
    empty: null,
  });
}

const toolFields = [
  { name: "tool", type: "text", description: "The tool." },
  { name: "command", type: "text", description: "Makes a login for it." },
  { name: "connections", type: "integer", description: "Sessions at once, unless said otherwise." },
  { name: "timeout_s", type: "integer", description: "Seconds that a statement may take, unless said otherwise." },
  { name: "page", type: "text", description: "How to go on." },
] as const;
