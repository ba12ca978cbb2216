import { entities, everyType, listModes, type Mode, type ModeChange, setModes } from "@jukebase/events";
import { Invalid } from "@jukebase/platform";
import { Router } from "express";
import { requireToken } from "../access/csrf.ts";
import { sessionOf } from "../access/sign-in.ts";
import { asked, formOf } from "../asked.ts";
import type { Console } from "../console.ts";
import { doerOf } from "../doer.ts";
import { goTo } from "../show.ts";

/** Sets modes of a type, or of all types: what a form asks for and does not hold yet, audited as from the command line. */
export function modeRoute({ jukebase, db }: Console): Router {
  const routes = Router();
  routes.post("/contracts/modes", async (request, response) => {
    const posted = formOf(request);
    requireToken(posted._csrf, sessionOf(response).csrf);
    const type = asked(posted, "type");
    if (type === undefined) throw new Invalid("Say of which event type the modes are.");
    const page = type === everyType ? "/contracts" : `/contracts/${encodeURIComponent(type)}`;
    const set = (await listModes(db)).filter((mode) => mode.type === type);
    const change = changeOf(posted, new Map(set.map(({ entity, mode }) => [entity, mode])));
    if (Object.keys(change).length === 0)
      return goTo(request, response, page, { tone: "info", text: "Nothing was changed: it stands so already." });
    await setModes(jukebase, type, change, doerOf(response, asked(posted, "why")));
    const said = Object.entries(change).map(([entity, mode]) => `${entity} ${mode ?? "as usual"}`);
    const text = `Set: ${said.join(", ")}. Every process follows within two seconds.`;
    goTo(request, response, page, { tone: "good", text });
  });
  return routes;
}

function changeOf(posted: Readonly<Record<string, unknown>>, set: ReadonlyMap<string, Mode>): ModeChange {
  const wanted = entities.flatMap((entity) => {
    const name = `mode-${entity}`;
    if (posted[name] === undefined) return [];
    const mode = (asked(posted, name) ?? null) as Mode | null;
    return mode === (set.get(entity) ?? null) ? [] : [[entity, mode] as const];
  });
  return Object.fromEntries(wanted);
}
