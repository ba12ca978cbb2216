import type { ProjectionContext } from "@jukebase/events";
import { connect, type Database, type Executor, type Projection, pgExecutor } from "@jukebase/platform";
import type { Jukebase } from "../open.ts";

/** A rebuild under way: its connections, its record, and what it rebuilds. */
export type Rebuilding = {
  readonly id: string;
  readonly jukebase: Jukebase;
  readonly projections: readonly Projection[];
  /** What the projections run in: connections of the rebuild's own, tuned for it. */
  readonly context: ProjectionContext;
};

/**
 * Connections for filling: what they write is worth nothing before the swap, so their commits need not reach the disk (the swap's does,
 * and all before it with it); sorts and scratch tables get more memory than a short question needs.
 */
export function fillingDatabase(
  { database }: { readonly database: Pick<Database, "url"> },
  connections: number,
): Promise<Database> {
  return connect(database.url, { max: connections, name: "jukebase rebuild", settings });
}

const settings = {
  synchronous_commit: "off",
  work_mem: "64MB",
  maintenance_work_mem: "128MB",
  temp_buffers: "64MB",
  jit: "off",
};

/** Runs `work` while this process alone rebuilds; undefined when another does. The server gives the lock back when the process dies. */
export async function alone<T>(filling: Database, wait: boolean, work: (db: Executor) => Promise<T>): Promise<T | undefined> {
  const client = await filling.pg.connect();
  const db = pgExecutor(client);
  let broken: Error | undefined;
  try {
    const [row] = await db.query<{ taken: boolean }>(
      wait ? `select true as taken from pg_advisory_lock(${lock})` : `select pg_try_advisory_lock(${lock}) as taken`,
    );
    return row?.taken === true ? await work(db) : undefined;
  } finally {
    await client.query("select pg_advisory_unlock_all()").catch((failure: Error) => {
      broken = failure; // The connection is gone, and the lock with it.
    });
    client.release(broken);
  }
}

const lock = "hashtextextended('jukebase rebuild', 0)";

/** Whether some process rebuilds: the record of one that was killed stays open, its lock does not. */
export async function isRebuilding(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ held: boolean }>(
    `select exists (
       select
       from pg_locks
       where locktype = 'advisory'
         and granted
         and database = (select oid from pg_database where datname = current_database())
         and ((classid::bigint << 32) | objid::bigint) = ${lock}
     ) as held`,
  );
  return row?.held ?? false;
}
