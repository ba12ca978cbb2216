import type { Executor } from "@jukebase/platform";
import { requireStanding } from "../archive/recall-step.ts";
import type { Span } from "./gather.ts";

/**
 * The batches up to `upto` in spans of about `events_max` events, in order: the whole log, to be read in pieces. Throws `Conflict` when
 * a part of it is archived or purged.
 */
export async function spansUpTo(db: Executor, upto: number, events_max: number): Promise<Span[]> {
  await requireStanding(db, { from: 0, to: upto });
  const rows = await db.query<{ from: number; to: number; batches: number; events: number; ids: string[] }>(
    `with placed as (
       select seq, batch_id, logged, div(sum(logged) over (order by seq) - logged, $2::bigint) as piece
       from events.batch
       where seq <= $1::bigint
     )
     select
       min(seq) - 1 as from, max(seq) as to, count(*) as batches, sum(logged)::bigint as events,
       array_agg(batch_id::text order by seq) filter (where logged > 0) as ids
     from placed
     group by piece
     having sum(logged) > 0
     order by 1`,
    [upto, events_max],
  );
  return rows;
}

/** The end of the log: the seq of its last batch, 0 when there is none. */
export async function endOfLog(db: Executor): Promise<number> {
  const [row] = await db.query<{ seq: number }>("select coalesce(max(seq), 0) as seq from events.batch");
  return row?.seq ?? 0;
}
