import type { Jukebase } from "@jukebase/domains/open.ts";
import { eventKey, showEvent } from "@jukebase/events";
import { projectionFates } from "@jukebase/events/fate.ts";
import { type Executor, NotFound, pgExecutor } from "@jukebase/platform";
import type { RequestHandler } from "express";
import type { z } from "zod";
import { cloudId } from "./cloud-events.ts";
import { callerOf } from "./request.ts";
import type { eventAnswer } from "./schemas.ts";

type EventAnswer = z.infer<typeof eventAnswer>;

/**
 * `GET /v1/events/{id}`: what became of an event of the key's sources, by receipt, by its own id, or by its place (or that of values
 * that were taken out of it) in quarantine; `?ce_source=` names the CloudEvents source that the id belongs to.
 */
export function showEventOf(jukebase: Jukebase): RequestHandler<{ id: string }> {
  return async ({ params: { id }, query: { ce_source } }, response) => {
    const { sources } = callerOf(response);
    for (const source of sources) {
      const known = typeof ce_source === "string" ? cloudId(ce_source, id, source) : id;
      const answer = (await logged(jukebase, known, source)) ?? (await quarantined(jukebase, known, source));
      if (answer === undefined) continue;
      response.json(answer);
      return;
    }
    throw new NotFound(`The source ${sources.join(" or ")} has sent no event that is known as ${id}.`);
  };
}

async function logged({ database, domains, archive }: Jukebase, id: string, source: string): Promise<EventAnswer | undefined> {
  const db = pgExecutor(database.pg);
  const receipts = isUuid(id) ? [id.toLowerCase(), ...(await takenOutOf(db, id, source))] : [];
  for (const key of [eventKey(source, id), ...receipts]) {
    const [known] = await db.query("select 1 as known from events.key where event_key = $1::uuid", [key]);
    if (known === undefined) continue;
    const event = await showEvent(db, key, source, archive);
    if (event.source !== source) continue;
    const { event_key: receipt, event_id, changed_by, waiting: _, parked: __, ...rest } = event;
    const changes = rest.amends !== null || rest.retracts !== null;
    const fates = await projectionFates(
      db,
      domains.flatMap(({ projections }) => projections),
      { event_key: receipt, type: rest.type, seq: rest.seq, changes },
    );
    const retractions = changed_by.flatMap((change) => (change.how === "retracts" ? [change.event_id] : []));
    return {
      status: "logged",
      receipt,
      id: event_id,
      ...rest,
      discarded: rest.discarded.map((values) => ({ ...values, issues: [...values.issues] })),
      changed_by: [...changed_by],
      projections: fates.map((fate) => ({
        ...fate,
        rows: [...fate.rows],
        waits_for: [...fate.waits_for],
        withdrawn_by: fate.state === "withdrawn" ? retractions : [],
      })),
    };
  }
  return undefined;
}

// Discarded values are no event: who asks for them is told of the one that they were taken out of.
async function takenOutOf(db: Executor, id: string, source: string): Promise<string[]> {
  const rows = await db.query<{ value_of: string }>(
    "select value_of from events.quarantine where quarantine_id = $1::uuid and source = $2 and value_of is not null",
    [id, source],
  );
  return rows.map(({ value_of }) => value_of);
}

type Held = {
  quarantine: string;
  id: string | null;
  type: string | null;
  reason: string;
  issues: { path: string; rule: string; code: string }[];
  state: string;
  received_at: string;
  attempts: number;
  resolved_at: string | null;
  resolution: string | null;
};

async function quarantined({ database }: Jukebase, id: string, source: string): Promise<EventAnswer | undefined> {
  const [held] = await pgExecutor(database.pg).query<Held>(
    `select
       quarantine_id as quarantine, event_id as id, type, reason, issues, status as state, received_at, attempts, resolved_at, resolution
     from events.quarantine
     where source = $2
       and status <> 'discarded-value'
       and (event_id = $1 or quarantine_id = $3::uuid)
     order by quarantine_id desc
     limit 1`,
    [id, source, isUuid(id) ? id : null],
  );
  return held && { status: "quarantined", receipt: held.quarantine, ...held };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
