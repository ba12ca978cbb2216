import { Conflict, type Executor, pgExecutor } from "@jukebase/platform";
import type pg from "pg";
import type { Counts } from "./append.ts";
import type { Intake, LoadOptions, Progress } from "./load.ts";

/** A stretch of an input, in bytes: after `from`, up to and with `to`. */
export type Stretch = { readonly from: number; readonly to: number };

/** The entry of a load in `events.load`, held by this process until it is released. */
export type LoadRecord = {
  readonly loadId: string;
  /** What an earlier attempt has committed: the stretches in order, and its counts. */
  readonly before: { readonly done: readonly Stretch[]; readonly counts: Progress } | undefined;
  readonly close: (error: string | undefined) => Promise<void>;
};

/**
 * Opens the entry of a load: a new one, or, for a file that an earlier attempt did not get to the end of, that one again. Throws
 * `Conflict` when another process is loading the same file at this moment.
 */
export async function openRecord(intake: Intake, options: LoadOptions): Promise<LoadRecord> {
  const client = await intake.database.pg.connect();
  try {
    const begun = await carriedOn(client, options);
    const loadId = begun?.load_id ?? (await begin(client, intake, options));
    await hold(client, loadId, options.name);
    const before = begun && { done: begun.done, counts: countsOf(begun) };
    return { loadId, before, close: (error) => close(client, intake, loadId, options, error) };
  } catch (error) {
    client.release();
    throw error;
  }
}

/** Notes what a batch brought, in its transaction, so that an attempt that is carried on passes over it. */
export async function noteStretch(db: Executor, loadId: string, counts: Counts, { from, to }: Stretch): Promise<void> {
  await db.query(
    `with noted as (
       select load_id, done + int8multirange(int8range($6::bigint, $7::bigint)) as done
       from events.load
       where load_id = $1
       for update
     )
     update events.load
     set
       received = received + $2, logged = logged + $3, duplicates = duplicates + $4, quarantined = quarantined + $5, done = noted.done,
       read_to = coalesce((select upper(stretch) from unnest(noted.done) as stretch where stretch @> 0::bigint), 0)
     from noted
     where load.load_id = noted.load_id`,
    [loadId, counts.received, counts.logged, counts.duplicates, counts.quarantined, from, to],
  );
}

type Begun = {
  load_id: string;
  done: Stretch[];
  received: number;
  logged: number;
  duplicates: number;
  quarantined: number;
  read_to: number;
};

async function carriedOn(client: pg.PoolClient, { source, fingerprint }: LoadOptions): Promise<Begun | undefined> {
  if (fingerprint === undefined) return undefined;
  const [begun] = await pgExecutor(client).query<Begun>(
    `select
       load_id, received, logged, duplicates, quarantined, read_to,
       (
         select coalesce(jsonb_agg(jsonb_build_object('from', lower(stretch), 'to', upper(stretch)) order by lower(stretch)), '[]')
         from unnest(done) as stretch
       ) as done
     from events.load
     where source = $1
       and fingerprint = $2
       and status <> 'done'
     order by started_at desc
     limit 1`,
    [source.source, fingerprint],
  );
  return begun;
}

async function begin(client: pg.PoolClient, { clock }: Intake, { source, name, fingerprint }: LoadOptions): Promise<string> {
  const [begun] = await pgExecutor(client).query<{ load_id: string }>(
    "insert into events.load (source, name, fingerprint, started_at) values ($1, $2, $3, $4) returning load_id",
    [source.source, name, fingerprint ?? null, clock.now().toISOString()],
  );
  return (begun as { load_id: string }).load_id;
}

// Held by the connection, so that it falls with the process, however that ends.
async function hold(client: pg.PoolClient, loadId: string, name: string): Promise<void> {
  const db = pgExecutor(client);
  const [held] = await db.query<{ held: boolean }>("select pg_try_advisory_lock(hashtextextended($1, 2)) as held", [loadId]);
  if (!held?.held) throw new Conflict(`${name} is being loaded by another process: wait until it is through, or end it.`);
  await db.query("update events.load set status = 'running', error = null, finished_at = null where load_id = $1", [loadId]);
}

async function close(
  client: pg.PoolClient,
  { clock }: Intake,
  loadId: string,
  { fingerprint }: LoadOptions,
  error: string | undefined,
): Promise<void> {
  const db = pgExecutor(client);
  let lost: Error | undefined;
  try {
    await db.query("update events.load set status = $2, error = $3, finished_at = $4 where load_id = $1", [
      loadId,
      error === undefined ? "done" : "failed",
      error ?? null,
      clock.now().toISOString(),
    ]);
    // An attempt that may be carried on counts equal facts on from where it was.
    if (error === undefined || fingerprint === undefined)
      await db.query("delete from events.occurrence where load_id = $1", [loadId]);
    await db.query("select pg_advisory_unlock(hashtextextended($1, 2))", [loadId]);
  } catch (failure) {
    lost = failure as Error; // The connection is gone, and with it the lock: the next attempt carries on.
    throw failure;
  } finally {
    client.release(lost);
  }
}

function countsOf({ received, logged, duplicates, quarantined, read_to }: Begun): Progress {
  return { received, logged, duplicates, quarantined, read_to };
}
