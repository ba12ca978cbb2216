import { Conflict, NotFound } from "./errors.ts";
import type { Executor } from "./executor.ts";
import { deadLettersOf, sourceOfDeadLetters, withBoss } from "./jobs.ts";
import { type Database, pgExecutor } from "./postgres.ts";

/** One job of the queue; `error` is why its last attempt failed. Instants are ISO text in UTC. */
export type Job = {
  readonly job_id: string;
  readonly queue: string;
  readonly state: JobState;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  /** Attempts after the first. */
  readonly retries: number;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  /** When a job that waits is taken up again. */
  readonly next_at: string | null;
};

/** The states of a job, in the order in which it passes through them. */
export const jobStates = ["created", "retry", "active", "completed", "cancelled", "failed"] as const;

/** One of the states of a job. */
export type JobState = (typeof jobStates)[number];

/** A job that failed for good: `job_id` is what retryJob takes, `queue` where it failed, `first_id` what was sent in the first place. */
export type DeadJob = Pick<Job, "job_id" | "queue" | "payload" | "error" | "retries" | "created_at"> & {
  readonly died_at: string;
  readonly first_id: string;
};

type Opened = { readonly database: Pick<Database, "pg"> };

/** The newest jobs first, without dead letters and pg-boss's own; none where no worker has ever run. */
export async function listJobs(
  { database }: Opened,
  filter: { readonly state?: JobState | undefined; readonly queue?: string | undefined; readonly id?: string | undefined } = {},
  limit = 100,
): Promise<Job[]> {
  const db = pgExecutor(database.pg);
  if (!(await isInstalled(db))) return [];
  return db.query<Job>(
    `select
       id as job_id, name as queue, state::text as state, data as payload, output, output ->> 'message' as error, retry_count as retries,
       created_on as created_at, started_on as started_at, completed_on as finished_at,
       case when state in ('created', 'retry') then start_after end as next_at
     from pgboss.job
     where ($1::text is null or state::text = $1)
       and ($2::text is null or name = $2)
       and ($3::uuid is null or id = $3::uuid)
       and name not like '%.dead'
       and name not like '\\_\\_pgboss\\_\\_%'
     order by created_on desc, id
     limit $4`,
    [filter.state ?? null, filter.queue ?? null, filter.id ?? null, limit],
  );
}

/** What failed too often, newest first, with why and from which queue. */
export async function deadJobs({ database }: Opened, limit = 100): Promise<DeadJob[]> {
  const db = pgExecutor(database.pg);
  if (!(await isInstalled(db))) return [];
  return db.query<DeadJob>(
    `select
       id as job_id, source_name as queue, data as payload, source_output ->> 'message' as error, source_retry_count as retries,
       source_created_on as created_at, created_on as died_at, source_root_id as first_id
     from pgboss.job
     where name like '%.dead'
       and state < 'active'
     order by created_on desc, id
     limit $1`,
    [limit],
  );
}

/** How many jobs of each queue are in each state; `dead` counts its dead letters. Only states that occur, and `created`, so that an idle queue is there too. */
export type QueueCount = { readonly queue: string; readonly state: JobState | "dead"; readonly jobs: number };

/** Counts for metrics, console and doctor. */
export async function queueCounts({ database }: Opened): Promise<QueueCount[]> {
  const db = pgExecutor(database.pg);
  if (!(await isInstalled(db))) return [];
  return db.query<QueueCount>(
    `with counted as (
       select
         regexp_replace(name, '\\.dead$', '') as queue,
         case when name like '%.dead' then 'dead' else state::text end as state
       from pgboss.job
       where name not like '\\_\\_pgboss\\_\\_%'
         and not (name like '%.dead' and state >= 'active')
     ),
     summed as (
       select queue, state, count(*)::int as jobs
       from counted
       group by queue, state
     ),
     idle as (
       select name as queue, 'created' as state
       from pgboss.queue
       where name not like '\\_\\_pgboss\\_\\_%' and name not like '%.dead'
     )
     select queue, state, coalesce(summed.jobs, 0) as jobs
     from summed
     full join idle using (queue, state)
     order by queue, state`,
  );
}

/** Gives a job that failed, or its dead letter, another round of attempts. Throws `NotFound`, and `Conflict` when it has not failed. */
export async function retryJob({ database }: Opened, id: string): Promise<void> {
  const db = pgExecutor(database.pg);
  const job = (await isInstalled(db)) ? await findJob(db, id) : undefined;
  if (job === undefined) throw new NotFound(`There is no job ${id}.`);
  const { name, state, source_id } = job;
  const source = sourceOfDeadLetters(name);
  if (source === undefined && state !== "failed")
    throw new Conflict(`This job is ${state}; only jobs that failed can be tried again.`);
  await withBoss(database, async (boss) => {
    if (source === undefined) {
      await boss.retry(name, id).catch(refuseSecond(name));
      await forgetDeadLetters(db, deadLettersOf(name), id);
      return;
    }
    if ((await boss.redrive(name, { ids: [id] })) === 0) throw new Conflict("This job is being tried again already.");
    if (source_id !== null) await boss.deleteJob(source, source_id);
  });
}

// Of "look again" jobs there is one at a time.
function refuseSecond(queue: string): (error: Error) => never {
  return (error) => {
    if ((error as { code?: unknown }).code !== "23505") throw error;
    throw new Conflict(`A job of ${queue} that would do the same waits or runs already.`);
  };
}

type Found = { name: string; state: JobState; source_id: string | null };

async function findJob(db: Executor, id: string): Promise<Found | undefined> {
  const [row] = await db.query<Found>("select name, state::text as state, source_id from pgboss.job where id::text = $1", [id]);
  return row;
}

async function forgetDeadLetters(db: Executor, queue: string, sourceId: string): Promise<void> {
  await db.query("delete from pgboss.job where name = $1 and source_id = $2::uuid and state < 'active'", [queue, sourceId]);
}

async function isInstalled(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ installed: boolean }>("select to_regclass('pgboss.job') is not null as installed");
  return row?.installed === true;
}
