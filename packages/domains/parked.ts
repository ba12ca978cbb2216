import { type Doer, retryParked as retryProjection } from "@jukebase/events";
import { refreshMarts } from "@jukebase/marts";
import { transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Jukebase } from "./open.ts";

/** One event that a projection failed on, and why. */
export type ParkedEvent = {
  readonly projection: string;
  readonly event_key: string;
  readonly type: string;
  readonly error: string;
  readonly parked_at: string;
};

/** What no projection could apply, newest first. */
export async function parkedEvents({ database }: Pick<Jukebase, "database">, limit = 100): Promise<ParkedEvent[]> {
  const found = await database.pg.query<ParkedEvent>(
    `select projection, event_key, type, error, parked_at
     from events.parked
     where generation = 1
     order by parked_at desc, event_key
     limit $1`,
    [limit],
  );
  return found.rows;
}

/** Applies what is parked once more, after a fix, say; what passes is in the marts when this returns. */
export async function retryParked(
  jukebase: Jukebase,
  by: Doer = { actor: "system" },
): Promise<{ tried: number; parked: number }> {
  const total = { tried: 0, parked: 0 };
  await noteDown(jukebase, by);
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections)) {
    const { tried, parked } = await retryProjection(projection, jukebase);
    total.tried += tried;
    total.parked += parked;
  }
  if (total.tried > total.parked)
    await jukebase.martWork.during("marts.refresh", (listener) => refreshMarts(jukebase.database.pg, { listener }));
  return total;
}

// Written before anything is tried, since each projection is a transaction of its own: no attempt goes unrecorded.
async function noteDown({ database, clock }: Jukebase, by: Doer): Promise<void> {
  await transaction(database.pg, async (db) => {
    const [before] = await db.query<{ parked: number }>("select count(*)::int as parked from events.parked where generation = 1");
    await audit(db, { ...by, action: "parked.retry", object: "every parked event", before }, clock.now());
  });
}
