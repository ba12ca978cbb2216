import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import type { Log } from "@jukebase/platform/log.ts";
import type { PgBoss } from "pg-boss";
import { martsQueue, projectionQueue, projectionsOf } from "./queues.ts";
import { freshJob, refreshJobs } from "./refresh-jobs.ts";
import { alreadyTold, forgetLost, isTold, type WantedJob } from "./told.ts";

/**
 * What looks where there is something to do and sends the jobs that do it, of each queue (and key) one at a time. A queue whose job is to be
 * retried, or that gave up in the last minutes, is left alone: the log keeps what is to be done. A job whose worker died is forgotten
 * and another sent in its place, however often that happens: a kill says nothing against the work. Returns whether a job still runs
 * that may have looked at the log before it grew, so that the next look should not wait for news.
 */
export function wakeUps(jukebase: Jukebase, boss: PgBoss, log: Log): () => Promise<boolean> {
  const db = pgExecutor(jukebase.database.pg);
  const refreshes = refreshJobs(db);
  const queues = [...projectionsOf(jukebase).map(projectionQueue), martsQueue];
  return async () => {
    const behind = await projectionsBehind(db);
    const found = await alreadyTold(db, queues);
    for (const queue of await forgetLost(db, found))
      log.warn({ queue }, "A worker died, or stands still, in the middle of a job; another job does the same.");
    const told = found.filter(({ state }) => state !== "lost");
    const projections = projectionsOf(jukebase).filter(({ name }) => behind.has(name));
    const wanted: WantedJob[] = projections.map((projection) => ({ queue: projectionQueue(projection) }));
    wanted.push(...(await refreshes(isTold(told, { queue: martsQueue, key: freshJob }))));
    for (const job of wanted) if (!isTold(told, job)) await send(boss, job);
    const runs = told.filter(({ state }) => state === "runs");
    return wanted.some((job) => isTold(runs, job)) || isTold(runs, { queue: martsQueue, key: freshJob });
  };
}

async function send(boss: PgBoss, { queue, key, payload, options = {} }: WantedJob): Promise<void> {
  await boss.send(queue, payload ?? null, key === undefined ? options : { ...options, singletonKey: key });
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
