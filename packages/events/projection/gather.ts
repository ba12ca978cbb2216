import type { Executor, Projection } from "@jukebase/platform";

/** The batches of one step: after `from`, up to and with `to`. */
export type Span = { readonly from: number; readonly to: number; readonly batches: number; readonly events: number; readonly ids: readonly string[] };

/** The next batches after a checkpoint, together at most `max` events (but at least one batch); undefined at the end of the log. */
export async function span(db: Executor, checkpoint: number, max: number): Promise<Span | undefined> {
  const rows = await db.query<{ seq: number; batch_id: string; logged: number }>(
    `with next as (
       select seq, batch_id::text as batch_id, logged, sum(logged) over (order by seq) as running, row_number() over (order by seq) as n
       from (
         select seq, batch_id, logged
         from events.batch
         where seq > $1::bigint
         order by seq
         limit 2000
       ) as ahead
     )
     select seq, batch_id, logged
     from next
     where running <= $2::bigint or n = 1
     order by seq`,
    [checkpoint, max],
  );
  const last = rows.at(-1);
  if (last === undefined) return undefined;
  const events = rows.reduce((sum, row) => sum + row.logged, 0);
  return { from: checkpoint, to: last.seq, batches: rows.length, events, ids: rows.map((row) => row.batch_id) };
}

/**
 * Fills `incoming` with the effective events of a span and `withdrawn` with the facts they replace.
 *
 * A root is an event that changes no other. New roots count as they are, unless something amends or retracts them (also when that came
 * first); a change in the span makes its root count anew. `only` narrows the step to some roots, by event key.
 */
export async function gather(
  db: Executor,
  projection: Projection,
  generation: number,
  window: Span,
  only?: readonly string[],
): Promise<{ roots: readonly string[] }> {
  for (const pad of ["incoming", "root", "withdrawn", "touched", "rechecked", "waits"]) await db.query(`delete from pg_temp.${pad}`);
  if (only === undefined) await findRoots(db, projection, window);
  else await db.query("insert into pg_temp.root (event_key, was_known) select unnest($1::uuid[]), true", [[...only]]);
  await fillIncoming(db, window);
  await db.query(
    `insert into pg_temp.withdrawn (log_id, type)
     select log.log_id, log.type
     from pg_temp.root
     join events.key on key.event_key = root.event_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     where root.was_known`,
  );
  await forget(db, projection.name, generation);
  await waitForTargets(db, projection, window);
  if (window.events > 1000) await db.query("analyze pg_temp.incoming");
  if (only !== undefined) return { roots: only };
  const roots = await db.query<{ event_key: string }>("select event_key from pg_temp.root order by event_key");
  return { roots: roots.map((row) => row.event_key) };
}

async function findRoots(db: Executor, projection: Projection, window: Span): Promise<void> {
  await db.query(
    `insert into pg_temp.root (event_key, was_known)
     select event_key, false
     from events.log
     where batch_id = any($1::bigint[]) and type = any($2::text[]) and amends is null and retracts is null`,
    [window.ids, projection.types],
  );
  await db.query(
    `with recursive climbing as (
       select coalesce(log.amends, log.retracts) as event_key
       from events.log
       where log.batch_id = any($1::bigint[]) and (log.amends is not null or log.retracts is not null)
       union
       select coalesce(log.amends, log.retracts)
       from climbing
       join events.key on key.event_key = climbing.event_key
       join events.log on log.log_id = key.log_id and log.event_key = key.event_key
       where log.amends is not null or log.retracts is not null
     )
     insert into pg_temp.root (event_key, was_known)
     select log.event_key, true
     from climbing
     join events.key on key.event_key = climbing.event_key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch on batch.batch_id = log.batch_id
     where log.amends is null and log.retracts is null and log.type = any($2::text[]) and batch.seq <= $3::bigint
     on conflict (event_key) do update set was_known = true`,
    [window.ids, projection.types, window.to],
  );
}

// The common event, which nothing changes, takes the first statement; the second looks up what counts, up to the span's end.
async function fillIncoming(db: Executor, window: Span): Promise<void> {
  await db.query(
    `insert into pg_temp.incoming (log_id, event_key, type, source, namespace, event_id, occurred_at, recorded_at, version, data)
     select log.log_id, log.event_key, log.type, log.source, source.namespace, log.event_id, log.occurred_at, batch.received_at, log.version, log.data
     from events.log
     join events.batch on batch.batch_id = log.batch_id
     join events.source on source.source = log.source
     join pg_temp.root on root.event_key = log.event_key
     where log.batch_id = any($1::bigint[])
       and not root.was_known
       and not exists (select from events.log as change where change.amends = log.event_key)
       and not exists (select from events.log as change where change.retracts = log.event_key)`,
    [window.ids],
  );
  await db.query(
    `insert into pg_temp.incoming (log_id, event_key, type, source, namespace, event_id, occurred_at, recorded_at, version, data)
     select own.log_id, own.event_key, own.type, own.source, source.namespace, own.event_id, body.occurred_at, body.recorded_at, body.version, body.data
     from pg_temp.root
     join events.key as own_key on own_key.event_key = root.event_key
     join events.log as own on own.log_id = own_key.log_id and own.event_key = own_key.event_key
     join events.source on source.source = own.source
     cross join lateral events.effective(own.event_key, $1::bigint) as answer(event_key)
     join events.key as body_key on body_key.event_key = answer.event_key
     join events.entry as body on body.log_id = body_key.log_id and body.event_key = body_key.event_key
     where not exists (select from pg_temp.incoming where incoming.event_key = root.event_key)
       and (
         root.was_known
         or exists (select from events.log as change where change.amends = own.event_key)
         or exists (select from events.log as change where change.retracts = own.event_key)
       )`,
    [window.to],
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
     select log.log_id, 'event', coalesce(log.amends, log.retracts)::text, coalesce(log.amends, log.retracts)
     from events.log
     where log.batch_id = any($1::bigint[])
       and log.type = any($2::text[])
       and (log.amends is not null or log.retracts is not null)
       and not exists (select from events.key where key.event_key = coalesce(log.amends, log.retracts))`,
    [window.ids, projection.types],
  );
  await db.query(
    `insert into pg_temp.rechecked (log_id)
     select change.log_id
     from events.log as arrived
     join events.log as change on change.amends = arrived.event_key
     where arrived.batch_id = any($1::bigint[])
     union
     select change.log_id
     from events.log as arrived
     join events.log as change on change.retracts = arrived.event_key
     where arrived.batch_id = any($1::bigint[])
     on conflict do nothing`,
    [window.ids],
  );
}
