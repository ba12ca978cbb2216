import { Conflict, type Database, type Executor, pgExecutor } from "@jukebase/platform";

/** Somebody else is at work on the archives: what was asked for did not begin. */
export class ArchivesBusy extends Conflict {
  constructor() {
    super("Another process is at work on the archives (archiving, a purge or a rebuild). Try again when it is through.");
  }
}

/**
 * Runs `work` while nobody else archives, rebuilds or purges. Throws `ArchivesBusy` when somebody does. The lock belongs to a connection
 * of its own, so a process that dies lets go of it.
 */
export async function aloneWithArchives<T>({ pg }: Pick<Database, "pg">, work: () => Promise<T>): Promise<T> {
  const client = await pg.connect();
  let broken: Error | undefined;
  client.on("error", keepQuiet);
  try {
    const db: Executor = pgExecutor(client);
    const [row] = await db.query<{ held: boolean }>(`select pg_try_advisory_lock(${lock}) as held`);
    if (!row?.held) throw new ArchivesBusy();
    return await work();
  } finally {
    await client.query("select pg_advisory_unlock_all()").catch((failure: Error) => {
      broken = failure; // The connection is gone, and the lock with it.
    });
    if (broken === undefined) client.off("error", keepQuiet);
    client.release(broken);
  }
}

// It waits while `work` is done, and nobody else would hear that it was lost: whatever `work` asks next says so.
function keepQuiet(): void {}

const lock = "hashtextextended('events.archive', 0)";
