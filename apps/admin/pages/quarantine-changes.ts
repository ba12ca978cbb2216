import {
  checkMended,
  type Doer,
  discardQuarantine,
  fixQuarantine,
  mendGroup,
  openGroupWork,
  type QuarantineChoice,
  type ReplaySummary,
  replay,
  tryReplay,
} from "@jukebase/events";
import { giveUpGroupWork, groupWorkQueue } from "@jukebase/events/group-work.ts";
import { countChosen } from "@jukebase/events/quarantine-chunks.ts";
import { Conflict, Invalid } from "@jukebase/platform";
import { enqueue } from "@jukebase/platform/jobs.ts";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { type Flash, goTo } from "../show.ts";
import { askedGroup, showGroup } from "./quarantine-group.ts";
import { showQuarantined } from "./quarantine-item.ts";

/** More than a page should wait for: such a group is handed to the worker. */
const page_items = 5000;

/** Replays one item, or a whole group at once. */
export function replayRoutes(admin: Console): Router {
  const { jukebase } = admin;
  const routes = Router();
  routes.post("/quarantine/replay", async (request, response) => {
    const form = checkedForm(request, response);
    const choice = askedGroup(form);
    if (asked(form, "do") === "try")
      return showGroup(admin, request, response, choice, { trial: await tryReplay(jukebase, choice) });
    const by = doerOf(response, asked(form, "why"));
    if (await isForWorker(admin, choice)) return handOver(admin, request, response, choice, by);
    const done = await replay(jukebase, choice, by);
    const left = done.left > 0 ? { type: choice.type, source: choice.source } : {};
    goTo(request, response, address("/quarantine", left), told(done));
  });
  routes.post("/quarantine/:id/replay", async (request, response) => {
    checkedForm(request, response);
    const done = await replay(jukebase, { ids: [request.params.id] }, doerOf(response));
    if (done.taken === 0) throw new Conflict("This item is not open any more, so there was nothing to replay.");
    goTo(request, response, `/quarantine/${request.params.id}`, told(done));
  });
  return routes;
}

/** Mends a group by an expression: first tried, with a few items before and after, then done. */
export function mendRoute(admin: Console): Router {
  const routes = Router();
  routes.post("/quarantine/mend", async (request, response) => {
    const form = checkedForm(request, response);
    const choice = askedGroup(form);
    const expression = String(form.expression ?? "");
    if (asked(form, "do") !== "mend") return showGroup(admin, request, response, choice, { expression });
    const by = doerOf(response, asked(form, "mend-why"));
    if (await isForWorker(admin, choice)) return handOver(admin, request, response, choice, by, expression);
    const done = await mendGroup(admin.jukebase, choice, expression, by);
    const text = `Mended ${done.changed} of ${done.taken}: ${done.sound} keep their contract now, ${done.broken} do not yet.`;
    goTo(request, response, address("/quarantine/group", groupQuery(choice)), {
      tone: done.broken > 0 ? "warn" : "good",
      text: done.sound > 0 ? `${text} Replay the group to log them.` : text,
    });
  });
  return routes;
}

/** Checks a mended text, shows it beside what was received, and keeps it when it is to be saved; remaining issues are shown with it. */
export function fixRoute(admin: Console): Router {
  const routes = Router();
  routes.post("/quarantine/:id/fix", async (request, response) => {
    const form = checkedForm(request, response);
    const text = String(form.text ?? "").replaceAll("\r\n", "\n");
    const { id } = request.params;
    if (asked(form, "do") === "show") {
      const outcome = await checkMended(admin.jukebase, id, text).catch(unreadable);
      return showQuarantined(admin, request, response, { text, outcome });
    }
    const outcome = await fixQuarantine(admin.jukebase, id, text, doerOf(response)).catch(unreadable);
    if (Array.isArray(outcome) && outcome.length === 0) {
      return goTo(request, response, `/quarantine/${id}`, {
        tone: "good",
        text: "Saved: it keeps its contract now. Replay it to log it.",
      });
    }
    await showQuarantined(admin, request, response, { text, outcome }, 422);
  });
  return routes;
}

/** Sets an item aside for good, with the reason why. */
export function discardRoute({ jukebase }: Console): Router {
  const routes = Router();
  routes.post("/quarantine/:id/discard", async (request, response) => {
    const why = asked(checkedForm(request, response), "why");
    if (why === undefined) throw new Invalid("Say why the item is discarded; the reason is kept with it.");
    const { id } = request.params;
    const count = await discardQuarantine(
      jukebase,
      { ids: [id] },
      {
        ...doerOf(response),
        why: `${why} (${sessionOf(response).email})`,
      },
    );
    if (count === 0) throw new Conflict("This item is not open any more, so it was not discarded.");
    goTo(request, response, `/quarantine/${id}`, {
      tone: "info",
      text: "Discarded. It stays counted, and what was received is kept until it expires.",
    });
  });
  return routes;
}

async function isForWorker({ db }: Console, choice: QuarantineChoice): Promise<boolean> {
  return (await countChosen(db, choice)) > page_items;
}

async function handOver(
  { jukebase }: Console,
  request: Request,
  response: Response,
  choice: QuarantineChoice,
  by: Doer,
  expression?: string,
): Promise<void> {
  const job = await openGroupWork(jukebase, choice, by, expression);
  try {
    await enqueue(jukebase.database, groupWorkQueue, job, job.work);
  } catch (error) {
    await giveUpGroupWork(jukebase, job, "It could not be handed to the worker.");
    throw error;
  }
  goTo(request, response, "/quarantine", {
    tone: "info",
    text: "That is much: a worker does it now. How far it has come stands below.",
  });
}

function groupQuery({ type, reason, source, receivedFrom, receivedTo }: QuarantineChoice) {
  return { type, reason, source, from: receivedFrom, to: receivedTo };
}

function checkedForm(request: Request, response: Response): Readonly<Record<string, unknown>> {
  const form = formOf(request);
  requireToken(form._csrf, sessionOf(response).csrf);
  return form;
}

function unreadable(error: unknown): string {
  if (error instanceof Invalid) return error.message;
  throw error;
}

function told({ taken, logged, duplicates, left }: ReplaySummary): Flash {
  const parts = [
    ...(logged > 0 ? [`${logged} logged`] : []),
    ...(duplicates > 0 ? [`${duplicates} found to be duplicates`] : []),
    ...(left > 0 ? [`${left} still break a rule and stay`] : []),
  ];
  return {
    tone: left > 0 ? "warn" : "good",
    text: `Replayed ${taken}: ${parts.length > 0 ? parts.join(", ") : "nothing to take"}.`,
  };
}
