import type { Jukebase } from "@jukebase/domains/open.ts";
import { eventKey, showEvent, type Verdict } from "@jukebase/events";
import { Invalid, NotFound, pgExecutor } from "@jukebase/platform";
import type { RequestHandler } from "express";
import type { z } from "zod";
import { receiveEvents } from "./receive.ts";
import { callerOf } from "./request.ts";
import type { eventAnswer, intakeAnswer, intakeResult } from "./schemas.ts";
import { sourcesOf } from "./sources.ts";
import { together } from "./together.ts";

/** `POST /v1/events`: all of a request's events in one transaction; the answer means that they are committed. */
export function takeEvents(jukebase: Jukebase): RequestHandler {
  const sourceOf = sourcesOf(jukebase);
  const takeIn = together(jukebase);
  return async (request, response) => {
    const scope = scopeOf(request.get("idempotency-key"));
    const received = await receiveEvents(request);
    const source = await sourceOf(callerOf(response).source);
    response.json(answerOf(await takeIn(received, { source, scope })));
  };
}

function scopeOf(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key)) throw new Invalid("An Idempotency-Key has 1 to 200 visible ASCII characters.");
  return key;
}

function answerOf(verdicts: readonly Verdict[]): z.infer<typeof intakeAnswer> {
  const count = (outcome: Verdict["outcome"]): number => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  return {
    received: verdicts.length,
    accepted: count("accepted"),
    duplicates: count("duplicate"),
    quarantined: count("quarantined"),
    results: verdicts.map(resultOf),
  };
}

function resultOf(verdict: Verdict, index: number): z.infer<typeof intakeResult> {
  if (verdict.outcome === "quarantined") {
    const { id, quarantine, issues } = verdict;
    return { index, status: "quarantined", id: id ?? null, quarantine, issues: [...issues] };
  }
  const { outcome: status, id, key: receipt } = verdict;
  return status === "duplicate" ? { index, status, id, receipt, duplicate: true } : { index, status, id, receipt };
}

/** `GET /v1/events/{id}`: what became of an event of the key's source, by receipt, by its own id, or by its place in quarantine. */
export function showEventOf(jukebase: Jukebase): RequestHandler<{ id: string }> {
  return async ({ params: { id } }, response) => {
    const { source } = callerOf(response);
    const answer = (await logged(jukebase, id, source)) ?? (await quarantined(jukebase, id, source));
    if (answer === undefined) throw new NotFound(`The source ${source} has sent no event that is known as ${id}.`);
    response.json(answer);
  };
}

type EventAnswer = z.infer<typeof eventAnswer>;

async function logged({ database }: Jukebase, id: string, source: string): Promise<EventAnswer | undefined> {
  const db = pgExecutor(database.pg);
  for (const key of [eventKey(source, id), ...(isUuid(id) ? [id.toLowerCase()] : [])]) {
    const [known] = await db.query("select 1 as known from events.key where event_key = $1::uuid", [key]);
    if (known === undefined) continue;
    const event = await showEvent(db, key, source);
    if (event.source !== source) continue;
    const { event_key: receipt, event_id, changed_by, waiting, parked, ...rest } = event;
    return {
      status: "logged",
      receipt,
      id: event_id,
      ...rest,
      changed_by: [...changed_by],
      waiting: [...waiting],
      parked: [...parked],
    };
  }
  return undefined;
}

type Held = {
  quarantine: string;
  id: string | null;
  type: string | null;
  reason: string;
  issues: { path: string; rule: string; code: string }[];
  state: string;
  received_at: string;
};

async function quarantined({ database }: Jukebase, id: string, source: string): Promise<EventAnswer | undefined> {
  const [held] = await pgExecutor(database.pg).query<Held>(
    `select quarantine_id as quarantine, event_id as id, type, reason, issues, status as state, received_at
     from events.quarantine
     where source = $2
       and status <> 'discarded-value'
       and (event_id = $1 or quarantine_id = $3::uuid)
     order by quarantine_id desc
     limit 1`,
    [id, source, isUuid(id) ? id : null],
  );
  return held && { status: "quarantined", ...held };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
