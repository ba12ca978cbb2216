import type { BulkProjection, EventContract, Executor, Projection } from "@jukebase/platform";
import { resolveRoots, type Span } from "./gather.ts";
import { keepWaiting } from "./keep-waiting.ts";
import { prepareSession } from "./session.ts";

/** A projection that says how it is done in bulk. */
export type InBulk = Projection & { readonly bulk: BulkProjection };

/** What a rebuild in bulk reads: the log up to and with the batch `upto`, under contracts, into tables that start empty. */
export type BulkReading = { readonly contracts: ReadonlyMap<string, EventContract>; readonly upto: number };

/**
 * Inserts the facts of a span's events for several projections at once, so that the log is read once. What an amendment or retraction
 * up to `upto` speaks of is left out, for `insertChangedFacts`. Spans may be done in any order and side by side: nothing is looked up.
 */
export async function insertFacts(
  db: Executor,
  projections: readonly InBulk[],
  window: Span,
  { contracts, upto }: BulkReading,
): Promise<void> {
  for (const projection of projections) await prepareSession(db, projection, contracts);
  await db.query(
    `insert into pg_temp.incoming (log_id, event_key, type, source, namespace, event_id, occurred_at, recorded_at, version, data)
     select log.log_id, log.event_key, log.type, log.source, source.namespace, log.event_id, log.occurred_at, batch.received_at, log.version, log.data
     from events.log
     join events.batch on batch.batch_id = log.batch_id
     join events.source on source.source = log.source
     where log.batch_id = any($1::bigint[])
       and batch.batch_id = any($1::bigint[])
       and log.type = any($2::text[])
       and log.amends is null
       and log.retracts is null
       and not exists (
         select
         from events.change
         join events.batch as changing on changing.batch_id = change.batch_id
         where change.target_key = log.event_key and changing.seq <= $3::bigint
       )`,
    [window.ids, projections.flatMap(({ types }) => types), upto],
  );
  for (const projection of projections) {
    await prepareSession(db, projection, contracts);
    await projection.bulk.facts(db);
  }
}

/** Inserts the facts of what amendments and retractions up to `upto` speak of, as it is after all of them. */
export async function insertChangedFacts(db: Executor, projection: InBulk, { contracts, upto }: BulkReading): Promise<void> {
  await prepareSession(db, projection, contracts);
  await db.query(
    `insert into pg_temp.root (event_key)
     select distinct change.target_key
     from events.change
     join events.batch on batch.batch_id = change.batch_id
     join events.key on key.event_key = change.target_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch as own on own.batch_id = log.batch_id
     where batch.seq <= $1::bigint
       and own.seq <= $1::bigint
       and log.type = any($2::text[])
       and log.amends is null
       and log.retracts is null`,
    [upto, projection.types],
  );
  await db.query("analyze pg_temp.root");
  await resolveRoots(db, upto);
  await projection.bulk.facts(db);
}

/**
 * Derives everything that follows from the facts, and notes what waits. The tables have their keys and indexes by now. Nothing is recalled
 * from archives, as a step does: `spansUpTo` has seen that the whole log stands, and the lock on the archives keeps it there.
 */
export async function deriveAll(
  db: Executor,
  projection: InBulk,
  generation: number,
  { contracts, upto }: BulkReading,
): Promise<void> {
  await prepareSession(db, projection, contracts);
  await projection.bulk.touchAll(db);
  await db.query("analyze pg_temp.touched");
  await projection.apply(db);
  await waitForMissingTargets(db, projection, upto);
  await keepWaiting(db, projection.name, generation);
}

async function waitForMissingTargets(db: Executor, projection: Projection, upto: number): Promise<void> {
  await db.query(
    `insert into pg_temp.waits (log_id, needs_kind, needs_id, needs_key)
     select log.log_id, 'event', change.target_key::text, change.target_key
     from events.change
     join events.batch on batch.batch_id = change.batch_id
     join events.key on key.event_key = change.change_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     where batch.seq <= $1::bigint
       and log.type = any($2::text[])
       and not exists (
         select
         from events.key as target
         join events.log as arrived on arrived.log_id = target.log_id and arrived.event_key = target.event_key
         join events.batch as own on own.batch_id = arrived.batch_id
         where target.event_key = change.target_key and own.seq <= $1::bigint
       )`,
    [upto, projection.types],
  );
}
