import type { Executor } from "@jukebase/platform";
import { endOfLog } from "../projection/spans.ts";
import { withShortLocks } from "./short-locks.ts";

/**
 * Takes a partition out of the log and drops it, in the caller's transaction, and notes which of its events changes speak of. A change may
 * be projected until the log is locked: what came meanwhile is noted under the lock, which is little.
 */
export async function dropWithRoots(db: Executor, partition: string): Promise<void> {
  const seen = await endOfLog(db);
  await noteRoots(db, partition, 0);
  await withShortLocks(db, async () => {
    await db.query(`alter table events.log detach partition events."${partition}"`);
    await noteRoots(db, partition, seen);
    await db.query(`drop table events."${partition}"`);
  });
}

// The order of seq is the order of commits: of every batch up to `seen`, all changes could be seen.
async function noteRoots(db: Executor, partition: string, seq: number): Promise<void> {
  await db.query(
    `insert into events.archive_root (event_key, log_id, type, partition)
     select distinct log.event_key, log.log_id, log.type, $1
     from events.batch
     join events.change on change.batch_id = batch.batch_id
     join events.key on key.event_key = change.target_key
     join events."${partition}" as log on log.log_id = key.log_id and log.event_key = key.event_key
     where batch.seq > $2::bigint
       and log.amends is null
       and log.retracts is null
     on conflict do nothing`,
    [partition, seq],
  );
}
