import { type Db, PgBoss } from "pg-boss";
import type { Database } from "./postgres.ts";

/** The schema of the job queue, in the same database as everything else. */
export const jobSchema = "pgboss";

/**
 * A queue by what its jobs mean. `each`: every job is work of its own. `latest`: a job only says "look again", so one
 * at a time waits, runs or is to be tried again, and more would tell nothing new.
 */
export type QueueDefinition = { readonly name: string; readonly kind: "each" | "latest" };

/** Where a queue's jobs end that failed too often. */
export function deadLettersOf(queue: string): string {
  return `${queue}.dead`;
}

/** The queue that such a name belongs to; undefined for any other queue. */
export function sourceOfDeadLetters(name: string): string | undefined {
  return name.endsWith(".dead") ? name.slice(0, -".dead".length) : undefined;
}

/**
 * Makes the queues with their dead-letter queues and makes sure that they are there: what is sent to a queue that is not there would
 * be dropped without a word. Existing queues get today's settings; where a queue's policy is another one, it is made anew.
 */
export async function ensureQueues(boss: PgBoss, queues: readonly QueueDefinition[]): Promise<void> {
  for (const { name, kind } of queues) {
    const { retry, deadLetter } = { retry: settings[kind], deadLetter: deadLettersOf(name) };
    const policy = policies[kind];
    await boss.createQueue(deadLetter, { policy: "standard", ...kept });
    if (kind === "latest" && ((await boss.getQueue(name))?.policy ?? policy) !== policy) await boss.deleteQueue(name);
    await boss.createQueue(name, {
      policy,
      deadLetter,
      notify: true,
      ...kept,
      ...retry,
    });
    await boss.updateQueue(name, { deadLetter, notify: true, ...kept, ...retry });
  }
  const wanted = queues.flatMap(({ name }) => [name, deadLettersOf(name)]);
  const there = new Set((await boss.getQueues()).map((queue) => queue.name));
  const missing = wanted.filter((name) => !there.has(name));
  if (missing.length > 0) throw new Error(`These queues could not be made: ${missing.join(", ")}.`);
}

const day_s = 24 * 60 * 60;
const kept = { retentionSeconds: 90 * day_s, deleteAfterSeconds: 7 * day_s };
// Of the policies that let one job run, only "exclusive" is held by an index alone. Fetching from "singleton" and "stately" leaves out
// what runs by a picture of the queue that is up to a minute old: after a kill, or just a long job, nothing would be fetched that long.
const policies = { each: "standard", latest: "exclusive" } as const;
// The heartbeat tells a dead worker from a slow one, so a job may take long and yet be taken over soon.
const retried = { retryDelay: 1, retryBackoff: true, heartbeatSeconds: 10 };
const settings = {
  each: { ...retried, retryLimit: 8, retryDelayMax: 300, expireInSeconds: 12 * 60 * 60 },
  // Tried again soon, since readers wait; and so more often, that three minutes without a database are lived through.
  latest: { ...retried, retryLimit: 20, retryDelayMax: 10, expireInSeconds: 15 * 60 },
};

/** One call of the queue's own machinery over an open database, without its clockwork: nothing runs between two calls. */
export async function withBoss<T>(database: Pick<Database, "pg">, work: (boss: PgBoss) => Promise<T>): Promise<T> {
  const boss = new PgBoss({ db: bossDb(database), schema: jobSchema, supervise: false, schedule: false });
  let failure: unknown;
  boss.on("error", (error) => {
    failure = error;
  });
  await boss.start();
  try {
    const answer = await work(boss);
    if (failure !== undefined) throw failure;
    return answer;
  } finally {
    await boss.stop({ graceful: false, close: false });
  }
}

/** Puts a job into a queue of kind `each`, which is made if it is not there yet; its id. Payloads hold ids and names, never PII. */
export async function enqueue(
  database: Pick<Database, "pg">,
  queue: string,
  payload: Readonly<Record<string, unknown>>,
  id?: string,
): Promise<string> {
  return withBoss(database, async (boss) => {
    await ensureQueues(boss, [{ name: queue, kind: "each" }]);
    const sent = await boss.send(queue, payload, id === undefined ? {} : { id });
    if (sent === null) throw new Error(`The queue ${queue} took no job.`);
    return sent;
  });
}

function bossDb({ pg }: Pick<Database, "pg">): Db {
  return { executeSql: async (text, values = []) => ({ rows: (await pg.query(text, [...values])).rows }) };
}
