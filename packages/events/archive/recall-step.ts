import { Conflict, type Executor, type Projection } from "@jukebase/platform";
import { lookUp, planFreely, type Span } from "../projection/gather.ts";
import { type Missing, type Purged, type Recalling, recallChains, recallRows } from "./recall.ts";

/**
 * Before a projection's step: what the step's changes speak of, and what speaks of its events, comes back from the archives. Throws
 * `Conflict` when the step would read batches whose events are archived: only a rebuild reads those.
 */
export async function recallForStep(db: Executor, recalling: Recalling, window: Span): Promise<Purged> {
  await db.query(lookUp);
  const purged = await recallChains(
    db,
    recalling,
    `select change.target_key
     from events.change
     where change.batch_id = any($1::bigint[])
     union
     select change.target_key
     from events.log
     join events.change on change.target_key = log.event_key
     where log.batch_id = any($1::bigint[])`,
    [window.ids],
  );
  await db.query(planFreely);
  await requireStanding(db, window);
  return purged;
}

/** Before parked events are tried again: they and all that changes them come back. */
export async function recallForRetry(db: Executor, recalling: Recalling, keys: readonly string[]): Promise<void> {
  await recallChains(db, recalling, "select unnest($1::uuid[])", [keys]);
}

/** Throws `Conflict` when events of the batches after `from`, up to and with `to`, are not in the log but in archives, or purged. */
export async function requireStanding(db: Executor, { from, to }: Pick<Span, "from" | "to">): Promise<void> {
  const [archive] = await db.query<{ partition: string; purged: boolean }>(
    `select partition, purged_at is not null as purged
     from events.archive
     where attached_at is null and last_seq > $1::bigint and first_seq <= $2::bigint
     order by partition
     limit 1`,
    [from, to],
  );
  if (!archive) return;
  throw new Conflict(
    archive.purged
      ? `The events of ${archive.partition} were purged: projecting starts from the opening state. Use jukebase rebuild, which does.`
      : `The events of ${archive.partition} are archived. Use jukebase rebuild, which reads archives.`,
  );
}

/**
 * After a projection has applied a step: who waits now may be an archived event whose parent went away. Its row comes back, so that it
 * can be noted; of a purged one the projection's own fact says what it is, and its log id when it came.
 */
export async function recallWaiting(
  db: Executor,
  recalling: Recalling,
  projection: Projection,
  generation: number,
): Promise<void> {
  const away = await db.query<Omit<Missing, "event_key"> & { purged: boolean }>(
    `select distinct waits.log_id, archive.partition, archive.file, archive.purged_at is not null as purged
     from pg_temp.waits
     join events.archive on archive.from_log_id <= waits.log_id and archive.to_log_id > waits.log_id
     where archive.attached_at is null
       and not exists (select from events.log where log.log_id = waits.log_id)
     order by waits.log_id`,
  );
  if (away.length === 0) return;
  const keys = new Map((await factsOf(db, projection, away)).map((fact) => [fact.log_id, fact.event_key]));
  const missing = away.flatMap((one) => (keys.has(one.log_id) ? { ...one, event_key: keys.get(one.log_id) as string } : []));
  await recallRows(
    db,
    recalling,
    missing.filter(({ purged }) => !purged),
  );
  await waitWithoutRow(
    db,
    projection,
    generation,
    missing.filter(({ purged }) => purged),
  );
}

async function waitWithoutRow(
  db: Executor,
  projection: Projection,
  generation: number,
  purged: readonly Missing[],
): Promise<void> {
  if (purged.length === 0) return;
  const facts = await factsOf(db, projection, purged);
  await db.query(
    `insert into events.waiting (projection, generation, log_id, event_key, type, needs_kind, needs_id, needs_key, since)
     select $1, $2::int, fact.log_id, fact.event_key, fact.type, waits.needs_kind, waits.needs_id, waits.needs_key,
       uuid_extract_timestamp(fact.log_id)
     from pg_temp.waits
     join jsonb_to_recordset($3::jsonb) as fact(log_id uuid, event_key uuid, type text) using (log_id)
     on conflict (projection, generation, log_id, needs_kind) do update set
       needs_id = excluded.needs_id, needs_key = excluded.needs_key`,
    [projection.name, generation, JSON.stringify(facts)],
  );
}

function factsOf(
  db: Executor,
  { schema, facts }: Projection,
  wanted: readonly { readonly log_id: string }[],
): Promise<{ log_id: string; event_key: string; type: string }[]> {
  const selects = Object.entries(facts).map(
    ([type, table]) => `select log_id, event_key, '${type}' as type from ${schema}.${table} where log_id = any($1::uuid[])`,
  );
  return db.query(selects.join(" union "), [wanted.map(({ log_id }) => log_id)]);
}

/** Parks the changes of chains of which a part was purged: what they change stays as the opening state has it. */
export async function parkPurged(
  db: Executor,
  { event_keys }: Purged,
  projection: Projection,
  generation: number,
  window: Span,
  at: Date,
): Promise<number> {
  if (event_keys.length === 0) return 0;
  const parked = await db.query(
    `insert into events.parked (projection, generation, log_id, event_key, type, error, parked_at)
     select $1, $2::int, log.log_id, log.event_key, log.type, $6, $7::timestamptz
     from unnest($3::uuid[]) as chain(event_key)
     join events.key on key.event_key = chain.event_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch on batch.batch_id = log.batch_id
     where (log.amends is not null or log.retracts is not null)
       and log.type = any($4::text[])
       and batch.seq <= $5::bigint
     on conflict do nothing
     returning log_id`,
    [projection.name, generation, event_keys, projection.types, window.to, purgedError, at.toISOString()],
  );
  return parked.length;
}

const purgedError = "purged: what this changes was purged with its archive; the fact stays as the opening state has it";
