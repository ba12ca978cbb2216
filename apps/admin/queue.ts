import { type HandedOver, handedOverQueue } from "@jukebase/events/handed-over.ts";
import { Conflict, type Database, pgExecutor } from "@jukebase/platform";
import { PgBoss } from "pg-boss";
import { queueIsThere } from "./jobs-queries.ts";

/** What the console asks of the job queue; the worker owns its schema and its queues. */
export type Queue = {
  /** Hands a file of the inbox over for loading; the job's id. Throws `Conflict` when no worker has prepared the queue. */
  readonly handOver: (job: HandedOver) => Promise<string>;
  /** Puts a failed job back in its queue. */
  readonly retry: (name: string, id: string) => Promise<void>;
  /** Sends a dead letter back to the queue that it came from. */
  readonly redrive: (name: string, id: string) => Promise<void>;
};

/** The queue of this database; nothing runs between two calls. */
export function jobQueue(database: Database): Queue {
  return {
    handOver: async (job) => {
      if (!(await queueIsThere(pgExecutor(database.pg), handedOverQueue))) throw new Conflict(noWorker);
      const id = await withBoss(database, (boss) => boss.send(handedOverQueue, job));
      if (id === null) throw new Conflict(`The queue ${handedOverQueue} took no job.`);
      return id;
    },
    retry: async (name, id) => {
      await withBoss(database, (boss) => boss.retry(name, id));
    },
    redrive: async (name, id) => {
      const moved = await withBoss(database, (boss) => boss.redrive(name, { ids: [id] }));
      if (moved === 0) throw new Conflict("This dead letter is gone, or does not say which queue it came from.");
    },
  };
}

const noWorker = "No worker has prepared the job queue yet. Start one with `jukebase serve`, then hand the file over again.";

// Started for one call without its clockwork: maintenance and schedules are the worker's.
async function withBoss<T>(database: Database, work: (boss: PgBoss) => Promise<T>): Promise<T> {
  const boss = new PgBoss({
    db: { executeSql: async (text, values = []) => ({ rows: (await database.pg.query(text, values)).rows }) },
    migrate: false,
    createSchema: false,
    supervise: false,
    schedule: false,
  });
  boss.on("error", () => {}); // What fails in its background is no part of this call, whose own failure is thrown.
  await boss.start();
  try {
    return await work(boss);
  } finally {
    await boss.stop({ graceful: false, close: false });
  }
}
