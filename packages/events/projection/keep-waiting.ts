import type { Executor } from "@jukebase/platform";

/** Writes down who waits for whom, as a projection noted it in `waits`; what it noted in `rechecked` waits no longer. */
export async function keepWaiting(db: Executor, projection: string, generation: number): Promise<void> {
  await db.query(
    `delete from events.waiting
     using pg_temp.rechecked
     where waiting.projection = $1 and waiting.generation = $2 and waiting.log_id = rechecked.log_id`,
    [projection, generation],
  );
  await db.query(
    `insert into events.waiting (projection, generation, log_id, event_key, type, needs_kind, needs_id, needs_key, since)
     select $1, $2::int, entry.log_id, entry.event_key, entry.type, waits.needs_kind, waits.needs_id, waits.needs_key, entry.recorded_at
     from pg_temp.waits
     join events.entry on entry.log_id = waits.log_id
     on conflict do nothing`,
    [projection, generation],
  );
}
