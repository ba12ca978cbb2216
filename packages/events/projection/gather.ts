import type { Executor, Projection } from "@jukebase/platform";

/** The batches of one step: after `from`, up to and with `to`. */
export type Span = {
  readonly from: number;
  readonly to: number;
  readonly batches: number;
  readonly events: number;
  readonly ids: readonly string[];
};

/** The next batches after a checkpoint, together at most `max` events (but at least one batch); undefined at the end, or at `upto`. */
export async function span(db: Executor, checkpoint: number, max: number, upto?: number): Promise<Span | undefined> {
  const rows = await db.query<{ seq: number; batch_id: string; logged: number }>(
    `with next as (
       select seq, batch_id::text as batch_id, logged, sum(logged) over (order by seq) as running, row_number() over (order by seq) as n
       from (
         select seq, batch_id, logged
         from events.batch
         where seq > $1::bigint and seq <= coalesce($3::bigint, seq)
         order by seq
         limit 2000
       ) as ahead
     )
     select seq, batch_id, logged
     from next
     where running <= $2::bigint or n = 1
     order by seq`,
    [checkpoint, max, upto ?? null],
  );
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const events = rows.reduce((sum, row) => sum + row.logged, 0);
  return { from: checkpoint, to: last.seq, batches: rows.length, events, ids: rows.map((row) => row.batch_id) };
}

/**
 * Fills `incoming` with the effective events of a span and `withdrawn` with the facts they replace; answers with the keys of all of them.
 *
 * Most events neither change another nor are changed: they go straight in. The others are resolved from their root, the event that changes
 * no other: a change in the span makes its root count anew, also when the change came first. `only` narrows the step to some roots.
 */
export async function gather(
  db: Executor,
  projection: Projection,
  generation: number,
  window: Span,
  only?: readonly string[],
): Promise<{ roots: () => Promise<readonly string[]> }> {
  for (const pad of ["incoming", "root", "withdrawn", "touched", "rechecked", "waits"])
    await db.query(`delete from pg_temp.${pad}`);
  if (only === undefined) await takeUnchanged(db, projection, window);
  await db.query(lookUp);
  if (only === undefined) await findRoots(db, projection, window);
  else await db.query("insert into pg_temp.root (event_key) select unnest($1::uuid[])", [[...only]]);
  await resolveRoots(db, window.to);
  await forget(db, projection.name, generation);
  await waitForTargets(db, projection, window);
  await db.query(planFreely);
  if (window.events > 1000) await db.query("analyze pg_temp.incoming (log_id, event_key, type)");
  return { roots: async () => only ?? (await keysOf(db)) };
}

/** Few keys meet a large log, and the scratch pads have no statistics to tell the planner so: join as written, look up, never scan. */
export const lookUp = `select
  set_config('join_collapse_limit', '1', true), set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true)`;

/** Undoes `lookUp`. */
export const planFreely = `select
  set_config('join_collapse_limit', '8', true), set_config('enable_seqscan', 'on', true), set_config('enable_hashjoin', 'on', true),
  set_config('enable_mergejoin', 'on', true)`;

async function keysOf(db: Executor): Promise<string[]> {
  const rows = await db.query<{ event_key: string }>(
    "select event_key from pg_temp.incoming union select event_key from pg_temp.root order by 1",
  );
  return rows.map((row) => row.event_key);
}

async function takeUnchanged(db: Executor, projection: Projection, window: Span): Promise<void> {
  await db.query(
    `insert into pg_temp.incoming (log_id, event_key, type, source, namespace, event_id, occurred_at, recorded_at, version, data)
     select log.log_id, log.event_key, log.type, log.source, source.namespace, log.event_id, log.occurred_at, batch.received_at, log.version, log.data
     from events.log
     join events.batch on batch.batch_id = log.batch_id
     join events.source on source.source = log.source
     where log.batch_id = any($1::bigint[])
       and log.type = any($2::text[])
       and log.amends is null
       and log.retracts is null
       and not exists (select from events.change where change.target_key = log.event_key)`,
    [window.ids, projection.types],
  );
}

async function findRoots(db: Executor, projection: Projection, window: Span): Promise<void> {
  await db.query(
    `insert into pg_temp.root (event_key)
     select log.event_key
     from events.log
     where log.batch_id = any($1::bigint[])
       and log.type = any($2::text[])
       and log.amends is null
       and log.retracts is null
       and log.event_key in (select change.target_key from events.change)`,
    [window.ids, projection.types],
  );
  await db.query(
    `with recursive climbing as (
       select target_key as event_key
       from events.change
       where batch_id = any($1::bigint[])
       union
       select change.target_key
       from climbing
       join events.change on change.change_key = climbing.event_key
     )
     insert into pg_temp.root (event_key)
     select log.event_key
     from climbing
     join events.key on key.event_key = climbing.event_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch on batch.batch_id = log.batch_id
     where log.amends is null and log.retracts is null and log.type = any($2::text[]) and batch.seq <= $3::bigint
     on conflict (event_key) do nothing`,
    [window.ids, projection.types, window.to],
  );
}

/** What became of the events in `root`, counting changes up to a batch: what they were goes into `withdrawn`, what they are into `incoming`. */
export async function resolveRoots(db: Executor, upto: number): Promise<void> {
  await db.query(
    `insert into pg_temp.withdrawn (log_id, type)
     select log.log_id, log.type
     from pg_temp.root
     join events.key on key.event_key = root.event_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key`,
  );
  await db.query(
    `insert into pg_temp.incoming (log_id, event_key, type, source, namespace, event_id, occurred_at, recorded_at, version, data)
     select own.log_id, own.event_key, own.type, own.source, source.namespace, own.event_id, body.occurred_at, batch.received_at, body.version,
       body.data
     from pg_temp.root
     join events.key as own_key on own_key.event_key = root.event_key
     join events.log as own on own.log_id = own_key.log_id and own.event_key = own_key.event_key
     join events.source on source.source = own.source
     cross join lateral events.effective(root.event_key, $1::bigint) as answer(event_key)
     join events.key as body_key on body_key.event_key = answer.event_key
     join events.log as body on body.log_id = body_key.log_id and body.event_key = body_key.event_key
     join events.batch on batch.batch_id = body.batch_id`,
    [upto],
  );
}

async function forget(db: Executor, projection: string, generation: number): Promise<void> {
  for (const table of ["events.waiting", "events.parked"]) {
    await db.query(
      `delete from ${table} as kept
       using pg_temp.withdrawn
       where kept.projection = $1 and kept.generation = $2 and kept.log_id = withdrawn.log_id`,
      [projection, generation],
    );
  }
}

// An amendment or retraction whose target has not come waits for it; the target's arrival releases it.
async function waitForTargets(db: Executor, projection: Projection, window: Span): Promise<void> {
  await db.query(
    `insert into pg_temp.waits (log_id, needs_kind, needs_id, needs_key)
     select log.log_id, 'event', change.target_key::text, change.target_key
     from events.change
     join events.key on key.event_key = change.change_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     where change.batch_id = any($1::bigint[])
       and log.type = any($2::text[])
       and not exists (select from events.key as target where target.event_key = change.target_key)`,
    [window.ids, projection.types],
  );
  await db.query(
    `insert into pg_temp.rechecked (log_id)
     select key.log_id
     from events.log as arrived
     join events.change on change.target_key = arrived.event_key
     join events.key on key.event_key = change.change_key
     where arrived.batch_id = any($1::bigint[])
     on conflict do nothing`,
    [window.ids],
  );
}
