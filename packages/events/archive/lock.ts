import { Conflict, type Database, type Executor, pgExecutor } from "@jukebase/platform";

/**
 * Runs `work` while nobody else archives, brings archives back or purges them. Throws `Conflict` when somebody does. The lock belongs to
 * a connection of its own, so a process that dies lets go of it.
 */
export async function aloneWithArchives<T>({ pg }: Pick<Database, "pg">, work: () => Promise<T>): Promise<T> {
  const client = await pg.connect();
  try {
    const db: Executor = pgExecutor(client);
    const [row] = await db.query<{ held: boolean }>(`select pg_try_advisory_lock(${lock}) as held`);
    if (!row?.held)
      throw new Conflict(
        "Another process is at work on the archives (archiving, a purge or a rebuild). Try again when it is through.",
      );
    try {
      return await work();
    } finally {
      await db.query(`select pg_advisory_unlock(${lock})`);
    }
  } finally {
    client.release();
  }
}

const lock = "hashtextextended('events.archive', 0)";
