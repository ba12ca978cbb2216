import type { Executor } from "@jukebase/platform";

/** Writes down who waits for whom, as a projection noted it in `waits`; what it noted in `rechecked` waits no longer. */
export async function keepWaiting(db: Executor, projection: string, generation: number): Promise<void> {
  await db.query(
    `delete from events.waiting
     using pg_temp.rechecked
     where waiting.projection = $1 and waiting.generation = $2 and waiting.log_id = rechecked.log_id`,
    [projection, generation],
  );
  // Few wait, and the log is large: each is looked up. `offset 0` keeps the planner from joining the whole log instead.
  await db.query(
    `insert into events.waiting (projection, generation, log_id, event_key, type, needs_kind, needs_id, needs_key, since)
     select $1, $2::int, entry.log_id, entry.event_key, entry.type, waits.needs_kind, waits.needs_id, waits.needs_key, entry.recorded_at
     from pg_temp.waits
     cross join lateral (
       select log.log_id, log.event_key, log.type, batch.received_at as recorded_at
       from events.log
       join events.batch on batch.batch_id = log.batch_id
       where log.log_id = waits.log_id
       offset 0
     ) as entry
     on conflict do nothing`,
    [projection, generation],
  );
}
