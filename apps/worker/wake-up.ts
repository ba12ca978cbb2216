import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { deadLettersOf } from "@jukebase/platform/jobs.ts";
import type { Log } from "@jukebase/platform/log.ts";
import type { PgBoss } from "pg-boss";
import { martsQueue, projectionQueue, projectionsOf } from "./queues.ts";

/** Marts are refreshed at most this often: under a steady trickle of events each refresh then takes in many. */
const refresh_ms = 700;

/**
 * What looks where there is something to do and sends the jobs that do it, of each queue one at a time. A queue whose job is to be
 * retried, or that gave up in the last minutes, is left alone: the log keeps what is to be done. A job whose worker died is forgotten
 * and another sent in its place, however often that happens: a kill says nothing against the work. Returns whether a job still runs
 * that may have looked at the log before it grew, so that the next look should not wait for news.
 */
export function wakeUps(jukebase: Jukebase, boss: PgBoss, log: Log): () => Promise<boolean> {
  const db = pgExecutor(jukebase.database.pg);
  let refreshed_at = Number.NEGATIVE_INFINITY;
  return async () => {
    const behind = await projectionsBehind(db);
    const mayRefresh = performance.now() - refreshed_at > refresh_ms;
    const projections = projectionsOf(jukebase).filter(({ name }) => behind.has(name));
    const wanted = [...projections.map(projectionQueue), ...(mayRefresh && (await martsBehind(db)) ? [martsQueue] : [])];
    if (wanted.length === 0) return false;
    const told = await alreadyTold(db, wanted);
    for (const queue of await forgetLost(db, told)) {
      log.warn({ queue }, "A worker died, or stands still, in the middle of a job; another job does the same.");
      told.delete(queue);
    }
    const free = wanted.filter((queue) => !told.has(queue));
    for (const queue of free) await boss.send(queue);
    if (free.includes(martsQueue)) refreshed_at = performance.now();
    return [...told.values()].includes("runs");
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

/** How it stands with a queue that need not be told: its job waits, runs, or is held by a worker that gives no sign of life. */
type Told = "waits" | "runs" | "lost";

async function alreadyTold(db: Executor, queues: readonly string[]): Promise<Map<string, Told>> {
  const rows = await db.query<{ queue: string; told: Told }>(
    `select
       name as queue,
       case
         when state < 'active' then 'waits'
         when ${isLost} then 'lost'
         else 'runs'
       end as told
     from pgboss.job
     where name = any($1::text[])
       and state <= 'active'
     union all
     select source_name, 'waits'
     from pgboss.job
     where name = any($2::text[])
       and created_on > now() - interval '5 minutes'
       and state < 'active'`,
    [queues, queues.map(deadLettersOf)],
  );
  return new Map(rows.map(({ queue, told }) => [queue, told]));
}

// Should the worker come to itself, its job is not there any more: it hears so at its next heartbeat and has nothing to settle.
async function forgetLost(db: Executor, told: ReadonlyMap<string, Told>): Promise<string[]> {
  const lost = [...told].flatMap(([queue, state]) => (state === "lost" ? [queue] : []));
  if (lost.length === 0) return [];
  const rows = await db.query<{ queue: string }>(
    `delete from pgboss.job
     where name = any($1::text[])
       and state = 'active'
       and ${isLost}
     returning name as queue`,
    [lost],
  );
  return rows.map(({ queue }) => queue);
}

const isLost = "heartbeat_on < now() - heartbeat_seconds * interval '1 second'";
