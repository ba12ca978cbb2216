import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { deadLettersOf } from "@jukebase/platform/jobs.ts";
import type { PgBoss } from "pg-boss";
import { martsQueue, projectionQueue, projectionsOf } from "./queues.ts";

/** Marts are refreshed at most this often: under a steady trickle of events each refresh then takes in many. */
const refresh_ms = 700;

/**
 * What looks where there is something to do and sends the jobs that do it, each at most once while it waits. A queue whose job is to
 * be retried, or that gave up in the last minutes, is left alone: the log keeps what is to be done. Returns the queues that were told.
 */
export function wakeUps(jukebase: Jukebase, boss: PgBoss): () => Promise<string[]> {
  const db = pgExecutor(jukebase.database.pg);
  let refreshed_at = Number.NEGATIVE_INFINITY;
  return async () => {
    const behind = await projectionsBehind(db);
    const mayRefresh = performance.now() - refreshed_at > refresh_ms;
    const projections = projectionsOf(jukebase).filter(({ name }) => behind.has(name));
    const wanted = [...projections.map(projectionQueue), ...(mayRefresh && (await martsBehind(db)) ? [martsQueue] : [])];
    if (wanted.length === 0) return [];
    const told = await alreadyTold(db, wanted);
    const free = wanted.filter((queue) => !told.has(queue));
    for (const queue of free) await boss.send(queue);
    if (free.includes(martsQueue)) refreshed_at = performance.now();
    return free;
  };
}

async function projectionsBehind(db: Executor): Promise<Set<string>> {
  const rows = await db.query<{ projection: string }>(
    `select projection
     from events.checkpoint
     where generation = 1
       and seq < (select coalesce(max(batch.seq), 0) from events.batch)`,
  );
  return new Set(rows.map((row) => row.projection));
}

// A mart is behind when it is marked as a whole, when it failed, or when a projection beneath it has gone on since.
async function martsBehind(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ behind: boolean }>(
    `select
       exists (
         select
         from marts_store.mark
         join marts_store.mart using (store)
       )
       or exists (
         select
         from marts_store.mart
         cross join lateral jsonb_each_text(mart.positions) as held (projection, seq)
         join events.checkpoint on checkpoint.projection = held.projection and checkpoint.generation = 1
         where mart.kind <> 'view'
           and (mart.stale or held.seq::bigint < checkpoint.seq)
       ) as behind`,
  );
  return row?.behind === true;
}

async function alreadyTold(db: Executor, queues: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ queue: string }>(
    `select name as queue
     from pgboss.job
     where name = any($1::text[])
       and state in ('created', 'retry')
     union
     select source_name
     from pgboss.job
     where name = any($2::text[])
       and created_on > now() - interval '5 minutes'
       and state < 'active'`,
    [queues, queues.map(deadLettersOf)],
  );
  return new Set(rows.map((row) => row.queue));
}
