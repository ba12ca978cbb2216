import { readdir, rm, stat } from "node:fs/promises";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { expire, releaseKnown } from "@jukebase/events";
import { inboxOf } from "@jukebase/events/handed-over.ts";
import { sealScopes } from "@jukebase/events/seal-scopes.ts";
import { sampleUse } from "@jukebase/marts/bi/use.ts";
import { sweepRefreshes } from "@jukebase/marts/service/history.ts";
import { pgExecutor } from "@jukebase/platform";
import { auditHead } from "@jukebase/platform/audit.ts";
import { deadLettersOf } from "@jukebase/platform/jobs.ts";
import { queuesOf, sweepQueue } from "./queues.ts";

/** What a sweep cleared away. */
export type Swept = {
  readonly sessions: number;
  readonly loads: number;
  readonly occurrences: number;
  readonly dead: number;
  /** Refreshes of marts that are too old for their history. */
  readonly refreshes: number;
  readonly idempotency: number;
  readonly files: number;
  /** Idempotency-Keys that stood in clear beside quarantined items, and are sealed now. */
  readonly scopes: number;
  /** Days whose keys were deleted, and quarantined items that expired with them. */
  readonly days: number;
  readonly expired: number;
  /** Events that waited for a contract which is known by now. */
  readonly released: number;
  /** Reads of marts by BI tools since the last sweep, as far as the server counts them. */
  readonly mart_reads: number;
  /** The last seal of the audit log as it stands now: kept with the worker's log, it tells later whether the end was cut off. */
  readonly audit_head: string;
};

const day_ms = 24 * 60 * 60 * 1000;
const inbox_days = 30;

/**
 * Clears away what nobody needs: sessions that have expired, loads whose process died (marked failed after a day), the counts of ended
 * loads, dead letters of "look again" jobs but the newest, refreshes of marts long ago, Idempotency-Keys after a day, files of the inbox
 * after 30 days; and the keys of days that are too old. Releases events whose type has become known. Counts what BI tools have read.
 */
export async function sweep(jukebase: Jukebase): Promise<Swept> {
  const db = pgExecutor(jukebase.database.pg);
  const now = jukebase.clock.now();
  const sessions = await db.query("delete from platform.admin_session where expires_at < $1 returning 1 as gone", [
    now.toISOString(),
  ]);
  const loads = await db.query(
    `update events.load
     set status = 'failed', error = 'Its process ended before it did.', finished_at = $1
     where status = 'running'
       and started_at < $1::timestamptz - interval '1 day'
       and pg_try_advisory_xact_lock(hashtextextended(load_id::text, 2))
     returning load_id`,
    [now.toISOString()],
  );
  // Without its counts a load cannot be carried on; loaded anew, the file still adds nothing twice.
  await db.query(
    `update events.load
     set fingerprint = null
     where status = 'failed'
       and fingerprint is not null
       and finished_at < $1::timestamptz - interval '30 days'`,
    [now.toISOString()],
  );
  const occurrences = await db.query(
    `delete from events.occurrence
     using events.load
     where load.load_id = occurrence.load_id
       and (load.status = 'done' or (load.status = 'failed' and load.fingerprint is null))
     returning 1 as gone`,
  );
  const latest = queuesOf(jukebase).filter(({ kind }) => kind === "latest");
  const dead = await db.query(
    `delete from pgboss.job
     where name = any($1::text[])
       and state < 'active'
       and exists (select from pgboss.job as newer where newer.name = job.name and newer.created_on > job.created_on)
     returning 1 as gone`,
    [latest.map(({ name }) => deadLettersOf(name))],
  );
  const idempotency = await db.query(
    "delete from platform.idempotency where received_at < $1::timestamptz - interval '1 day' returning 1 as gone",
    [now.toISOString()],
  );
  const files = await sweepInbox(inboxOf(jukebase.config), now);
  const scopes = await sealScopes(jukebase);
  const refreshes = await sweepRefreshes(db);
  const { days, items } = await expire(jukebase, `job:${sweepQueue}`);
  const counts = { sessions: sessions.length, loads: loads.length, occurrences: occurrences.length, dead: dead.length };
  const { logged: released } = await releaseKnown(jukebase);
  const { reads: mart_reads } = await sampleUse(
    jukebase.database.pg,
    jukebase.marts.map(({ name }) => name),
    now,
  );
  const audit_head = await auditHead(db);
  const more = { refreshes, idempotency: idempotency.length, files, scopes, days, expired: items, released, mart_reads };
  return { ...counts, ...more, audit_head };
}

async function sweepInbox(folder: string, now: Date): Promise<number> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    return [];
  });
  let files = 0;
  for (const name of names) {
    const { mtimeMs } = await stat(`${folder}/${name}`);
    if (now.getTime() - mtimeMs < inbox_days * day_ms) continue;
    await rm(`${folder}/${name}`, { force: true });
    files += 1;
  }
  return files;
}
