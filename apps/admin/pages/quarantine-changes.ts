import { discardQuarantine, fixQuarantine, type ReplaySummary, replay } from "@jukebase/events";
import { Conflict, Invalid } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { address, asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { type Flash, goTo } from "../show.ts";
import { showQuarantined } from "./quarantine-item.ts";

/** Replays one item, or a whole group at once. */
export function replayRoutes({ jukebase }: Console): Router {
  const routes = Router();
  routes.post("/quarantine/replay", async (request, response) => {
    const form = checkedForm(request, response);
    const [type, reason, source] = [asked(form, "type"), asked(form, "reason"), asked(form, "source")];
    if (type === undefined || reason === undefined) throw new Invalid("Say which group to replay: its type and its reason.");
    const done = await replay(jukebase, { type, reason, source });
    goTo(request, response, address("/quarantine", done.left > 0 ? { type, source } : {}), told(done));
  });
  routes.post("/quarantine/:id/replay", async (request, response) => {
    checkedForm(request, response);
    const done = await replay(jukebase, { ids: [request.params.id] });
    if (done.taken === 0) throw new Conflict("This item is not open any more, so there was nothing to replay.");
    goTo(request, response, `/quarantine/${request.params.id}`, told(done));
  });
  return routes;
}

/** Checks a mended text and keeps it beside what was received; remaining issues are shown beside it. */
export function fixRoute(admin: Console): Router {
  const routes = Router();
  routes.post("/quarantine/:id/fix", async (request, response) => {
    const text = String(checkedForm(request, response).text ?? "");
    const { id } = request.params;
    const outcome = await fixQuarantine(admin.jukebase, id, text).catch(unreadable);
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
export function discardRoute({ jukebase, db }: Console): Router {
  const routes = Router();
  routes.post("/quarantine/:id/discard", async (request, response) => {
    const why = asked(checkedForm(request, response), "why");
    if (why === undefined) throw new Invalid("Say why the item is discarded; the reason is kept with it.");
    const { id } = request.params;
    const count = await discardQuarantine(db, [id], `${why} (${sessionOf(response).email})`, jukebase.clock.now());
    if (count === 0) throw new Conflict("This item is not open any more, so it was not discarded.");
    goTo(request, response, `/quarantine/${id}`, {
      tone: "info",
      text: "Discarded. It stays counted, and what was received is kept until it expires.",
    });
  });
  return routes;
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
