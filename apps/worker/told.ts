import type { Executor } from "@jukebase/platform";
import { deadLettersOf } from "@jukebase/platform/jobs.ts";
import type { SendOptions } from "pg-boss";

/** A job that says "look again": of each queue and key one waits, runs, or is to be tried again. */
export type WantedJob = {
  readonly queue: string;
  readonly key?: string;
  readonly payload?: object;
  readonly options?: Pick<SendOptions, "group" | "expireInSeconds">;
};

/** A job that is there already: it waits, runs, or is held by a worker that gives no sign of life. */
export type Told = { readonly queue: string; readonly key: string; readonly state: "waits" | "runs" | "lost" };

/** What queues of "look again" jobs hold; one that was given up in the last minutes counts as waiting. */
export function alreadyTold(db: Executor, queues: readonly string[]): Promise<Told[]> {
  return db.query<Told>(
    `select
       name as queue,
       coalesce(singleton_key, '') as key,
       case
         when state < 'active' then 'waits'
         when ${isLost} then 'lost'
         else 'runs'
       end as state
     from pgboss.job
     where name = any($1::text[])
       and state <= 'active'
     union all
     select source_name, coalesce(singleton_key, ''), 'waits'
     from pgboss.job
     where name = any($2::text[])
       and created_on > now() - interval '5 minutes'
       and state < 'active'`,
    [queues, queues.map(deadLettersOf)],
  );
}

/** Whether a job of this queue and key need not be sent. */
export function isTold(told: readonly Told[], { queue, key = "" }: WantedJob): boolean {
  return told.some((one) => one.queue === queue && one.key === key);
}

/**
 * Forgets jobs whose worker died; says of which queues. Should the worker come to itself, its job is not there any more: it hears so at its
 * next heartbeat and has nothing to settle.
 */
export async function forgetLost(db: Executor, told: readonly Told[]): Promise<string[]> {
  const lost = [...new Set(told.filter(({ state }) => state === "lost").map(({ queue }) => queue))];
  if (lost.length === 0) return [];
  const rows = await db.query<{ queue: string }>(
    `delete from pgboss.job
     where name = any($1::text[])
       and state = 'active'
       and ${isLost}
     returning name as queue`,
    [lost],
  );
  return [...new Set(rows.map(({ queue }) => queue))];
}

const isLost = "heartbeat_on < now() - heartbeat_seconds * interval '1 second'";
