import type { Executor } from "@jukebase/platform";

/** A queue and how many of its jobs are in which state; `letters` names the queue that its dead letters go to. */
export type QueueLine = {
  readonly name: string;
  readonly letters: string | null;
  readonly waiting: number;
  readonly active: number;
  readonly retrying: number;
  readonly completed: number;
  readonly failed: number;
  readonly last_completed_at: string | null;
};

/** A job that failed for good, or that lies in a queue of dead letters (`origin`: the queue it came from). */
export type FailedJob = {
  readonly id: string;
  readonly queue: string;
  readonly origin: string | null;
  readonly tries: number;
  readonly failed_at: string | null;
  readonly error: string | null;
};

/** Whether the worker's schema is there at all. */
export async function queuesAreThere(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ known: boolean }>("select to_regclass('pgboss.queue') is not null and to_regclass('pgboss.job') is not null as known");
  return row?.known ?? false;
}

/** Whether a queue of that name was made. */
export async function queueIsThere(db: Executor, name: string): Promise<boolean> {
  if (!(await queuesAreThere(db))) return false;
  const rows = await db.query("select name from pgboss.queue where name = $1", [name]);
  return rows.length > 0;
}

/** Every queue with its jobs by state. */
export function queueLines(db: Executor): Promise<QueueLine[]> {
  return db.query<QueueLine>(
    `select
       queue.name,
       queue.dead_letter as letters,
       count(job.id) filter (where job.state = 'created')::int as waiting,
       count(job.id) filter (where job.state = 'active')::int as active,
       count(job.id) filter (where job.state = 'retry')::int as retrying,
       count(job.id) filter (where job.state = 'completed')::int as completed,
       count(job.id) filter (where job.state = 'failed')::int as failed,
       max(job.completed_on) filter (where job.state = 'completed') as last_completed_at
     from pgboss.queue
     left join pgboss.job on job.name = queue.name
     where queue.name !~ '^__pgboss__'
     group by queue.name, queue.dead_letter
     order by queue.name`,
  );
}

/** The newest jobs that failed for good, and what lies in queues of dead letters. */
export function failedJobs(db: Executor, limit = 50): Promise<FailedJob[]> {
  return db.query<FailedJob>(
    `with letters as (
       select distinct dead_letter as name
       from pgboss.queue
       where dead_letter is not null
     )
     select
       job.id,
       job.name as queue,
       job.source_name as origin,
       coalesce(job.source_retry_count, job.retry_count) + 1 as tries,
       coalesce(job.completed_on, job.created_on) as failed_at,
       left(coalesce(job.source_output, job.output) ->> 'message', 500) as error
     from pgboss.job
     where (job.state = 'failed' and job.dead_letter is null)
       or (job.name in (select name from letters) and job.state = 'created')
     order by failed_at desc nulls last
     limit $1`,
    [limit],
  );
}

/** How many jobs need somebody: failed for good, or dead letters. */
export async function failedCount(db: Executor): Promise<number> {
  return (await queuesAreThere(db)) ? (await failedJobs(db, 1000)).length : 0;
}
