import { type Clock, type Database, type Executor, pgExecutor, transaction } from "@jukebase/platform";
import { frame_bytes, freeBytes, verifyArchive } from "./file.ts";
import { writeLines } from "./lines.ts";
import { type Archive, archives, writtenOf } from "./list.ts";
import { aloneWithArchives } from "./lock.ts";
import { dropWithRoots } from "./roots.ts";
import { withShortLocks } from "./short-locks.ts";

/** What bringing archives back needs: `archive` is the folder of the files. */
export type AttachContext = { readonly database: Pick<Database, "pg">; readonly clock: Clock; readonly archive: string };

/** Told before and while archives come back: what will be read, and how far that is. */
export type OnAttach = {
  readonly onStart?: (sizes: { readonly partitions: number; readonly rows: number; readonly bytes: number }) => void;
  readonly onProgress?: (rows: number, of: number) => void | Promise<void>;
};

/**
 * Runs `work` with every archive that is not purged standing in the log, and takes them out again, however it ended. Nobody archives or
 * purges meanwhile; intake and live projections go on. What a killed process left is used again or cleared away.
 */
export function withArchives<T>(context: AttachContext, work: () => Promise<T>, told: OnAttach = {}): Promise<T> {
  return aloneWithArchives(context.database, () => attachedFor(context, work, told));
}

/** The same for who holds the lock on the archives already. */
export async function attachedFor<T>(context: AttachContext, work: () => Promise<T>, told: OnAttach = {}): Promise<T> {
  const away = (await archives(pgExecutor(context.database.pg))).filter(({ purged_at }) => purged_at === null);
  try {
    await attachAll(context, away, told);
    return await work();
  } finally {
    for (const { partition } of away) await detachWithin(context.database, { partition });
  }
}

async function attachAll(context: AttachContext, away: readonly Archive[], { onStart, onProgress }: OnAttach): Promise<void> {
  const rows = away.reduce((sum, archive) => sum + archive.rows, 0);
  onStart?.({ partitions: away.length, rows, bytes: away.reduce((sum, archive) => sum + archive.bytes, 0) });
  let done = 0;
  for (const archive of away) {
    if (archive.attached_at === null) await attach(context, archive, async (more) => onProgress?.(done + more, rows));
    done += archive.rows;
    await onProgress?.(done, rows);
  }
}

// One transaction: the table is there with all its rows, checked against the file's SHA-256, or it is not there.
async function attach(
  { database, archive: folder, clock }: AttachContext,
  archive: Archive,
  onRows: (rows: number) => Promise<void>,
): Promise<void> {
  const { partition, from_log_id: from, to_log_id: to } = archive;
  await transaction(database.pg, async (db) => {
    await db.query(`create table events."${partition}" (like events.log including defaults including constraints)`);
    let rows = 0;
    await verifyArchive(folder, archive.file, await writtenOf(db, archive), async (lines) => {
      rows += await writeLines(db, `events."${partition}"`, lines);
      await onRows(rows);
    });
    await db.query(`alter table events."${partition}" add constraint ${partition}_pkey primary key (log_id, event_key)`);
    await db.query(`create index on events."${partition}" (batch_id, ordinal)`);
    // Says what the partition's bounds will say, so that attaching it need not read it again under a lock.
    await db.query(
      `alter table events."${partition}" add constraint bounds check (log_id is not null and log_id >= '${from}' and log_id < '${to}')`,
    );
    await db.query(`analyze events."${partition}"`);
    await withShortLocks(db, async () => {
      await forgetRecalled(db, archive);
      await db.query(`alter table events.log attach partition events."${partition}" for values from ('${from}') to ('${to}')`);
    });
    await db.query(`alter table events."${partition}" drop constraint bounds`);
    await db.query("update events.archive set attached_at = $2 where partition = $1", [partition, clock.now().toISOString()]);
  });
}

// What was recalled stands in the default partition, where a row of another partition's range may not be; it comes back with the rest.
async function forgetRecalled(db: Executor, { partition }: Pick<Archive, "partition">): Promise<void> {
  await db.query("lock table events.log_default in access exclusive mode");
  await db.query(
    `with recalled as (
       delete from events.recalled
       where partition = $1
       returning log_id, event_key
     )
     delete from events.log_default as log
     using recalled
     where log.log_id = recalled.log_id and log.event_key = recalled.event_key`,
    [partition],
  );
}

/** Takes out of the log what a process that died left in it; for who holds the lock on the archives. */
export async function detachLeft(database: Pick<Database, "pg">): Promise<void> {
  for (const { partition, attached_at } of await archives(pgExecutor(database.pg)))
    if (attached_at !== null) await detachWithin(database, { partition });
}

/** Takes an archive that was brought back out of the log again; does nothing when it is out. */
async function detachWithin({ pg }: Pick<Database, "pg">, { partition }: Pick<Archive, "partition">): Promise<void> {
  await transaction(pg, async (db) => {
    const [standing] = await db.query(
      "select 1 as found from events.archive where partition = $1 and attached_at is not null for update",
      [partition],
    );
    if (!standing) return;
    await dropWithRoots(db, partition);
    await db.query("update events.archive set attached_at = null where partition = $1", [partition]);
  });
}

/** How much stands in archives, packed and as it will stand in the log, and how many bytes are free beside them. */
export async function sizeOfArchives({ database, archive }: Omit<AttachContext, "clock">): Promise<{
  readonly partitions: number;
  readonly rows: number;
  readonly bytes: number;
  /** A guess: a row with its keys takes about what its line does, and a frame holds half a megabyte of lines. */
  readonly unpacked: number;
  readonly free: number | undefined;
}> {
  const db = pgExecutor(database.pg);
  const away = (await archives(db)).filter(({ purged_at }) => purged_at === null);
  const [frames] = await db.query<{ count: number }>(
    "select count(*) as count from events.archive_frame join events.archive using (partition) where purged_at is null",
  );
  const sum = (of: (archive: Archive) => number): number => away.reduce((total, archive) => total + of(archive), 0);
  return {
    partitions: away.length,
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    unpacked: (frames?.count ?? 0) * frame_bytes,
    free: await freeBytes(archive),
  };
}
