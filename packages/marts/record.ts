import type { Executor } from "@jukebase/platform/executor.ts";
import type { Footing, Refreshing } from "./refreshing.ts";
import { reasonOf } from "./service/run.ts";

/**
 * Writes down what a refresh did, in its transaction and in one statement: each mart's registry (in every environment that shares its
 * store), the history of the marts that everybody reads, and the run's end. Stores that are not (or no longer) registered are passed over.
 */
export async function recordRefreshes(db: Executor, done: readonly Refreshing[], { asked, run, ground }: Footing): Promise<void> {
  const told = done.filter(({ outcome }) => outcome !== "left").map((one) => recordOf(one, reasonOf(one.mart, asked)));
  await db.query(record, [
    JSON.stringify(told),
    run?.run_id ?? ground.snapshot,
    asked.actor ?? null,
    Math.round(asked.held_ms ?? 0),
    asked.reason === "manual",
  ]);
}

/** Writes into the history that new stores were filled and put in place. */
export async function recordBuilt(db: Executor, filled: readonly Refreshing[]): Promise<void> {
  const told = filled
    .filter(({ mart }) => mart.kind !== "view")
    .map(({ mart, ...one }) => ({ mart: mart.name, ...recordOf({ mart, ...one }, "build") }));
  await db.query(
    `with run as (select uuidv7() as run_id)
     insert into marts_store.refresh (run_id, mart, reason, outcome, how, started_at, duration_ms, rows_changed, rows)
     select
       run.run_id, given.mart, given.reason, 'refreshed', given.how,
       coalesce(to_timestamp(given.started_ms / 1000.0), clock_timestamp()), given.duration_ms, given.rows_changed, given.rows
     from run
     cross join jsonb_to_recordset($1::jsonb) as given (
       mart text, reason text, how text, started_ms bigint, duration_ms bigint, rows_changed bigint, rows bigint
     )`,
    [JSON.stringify(told)],
  );
}

function recordOf(
  { mart, outcome, positions, read_in, rows, result, buckets, waitsFor, started_ms }: Refreshing,
  reason: string,
) {
  const { store, kind } = mart;
  const stands = outcome === "failed" || outcome === "waits";
  return {
    store,
    kind,
    outcome,
    reason,
    how: result.reason,
    positions: stands ? null : positions,
    read_in: stands ? null : (read_in ?? {}),
    rows,
    rows_changed: result.rowsChanged,
    buckets: buckets ?? null,
    duration_ms: result.duration_ms,
    started_ms: started_ms ?? null,
    waits_for: waitsFor ?? null,
    error: result.error ?? null,
  };
}

// A mart that failed is tried again after 2, 4, 8 … seconds, at most two minutes. A filling says nothing of how long a refresh usually takes.
const record = `
  with given as (
    select *
    from jsonb_to_recordset($1::jsonb) as given (
      store text, kind text, outcome text, reason text, how text, positions jsonb, read_in jsonb, rows bigint, rows_changed bigint,
      buckets bigint, duration_ms bigint, started_ms bigint, waits_for text, error text
    )
  ),
  noted as (
    update marts_store.mart
    set
      positions = coalesce(given.positions, mart.positions),
      read_in = coalesce(given.read_in, mart.read_in),
      rows = case when given.outcome = 'computed' then given.rows else mart.rows end,
      rows_changed = case when given.outcome = 'computed' then given.rows_changed else mart.rows_changed end,
      duration_ms = case when given.outcome = 'computed' then given.duration_ms else mart.duration_ms end,
      usual_ms = case
        when given.outcome <> 'computed' or given.how = 'filled' then mart.usual_ms
        else round(0.7 * coalesce(mart.usual_ms, given.duration_ms) + 0.3 * given.duration_ms)
      end,
      refreshed_at = case
        when given.outcome = 'computed' or given.positions <> mart.positions or (mart.stale and given.outcome = 'brought')
          then clock_timestamp()
        else mart.refreshed_at
      end,
      status = case given.outcome when 'failed' then 'failed' when 'waits' then mart.status else 'current' end,
      error = case given.outcome when 'failed' then given.error when 'waits' then mart.error end,
      stale = given.outcome in ('failed', 'waits'),
      tries = case given.outcome when 'failed' then mart.tries + 1 when 'waits' then mart.tries else 0 end,
      retry_at = case given.outcome
        when 'failed' then clock_timestamp() + least(120, power(2, least(mart.tries, 10) + 1)) * interval '1 second'
        when 'waits' then mart.retry_at
      end,
      waits_for = given.waits_for
    from given
    where mart.store = given.store
    returning
      given.*, mart.name, mart.schema, old.positions as positions_before, old.waits_for as waits_for_before, mart.tries, mart.positions as held
  ),
  ended as (
    update marts_store.refresh_run
    set finished_at = clock_timestamp()
    where run_id = $2
  )
  insert into marts_store.refresh (
    run_id, mart, reason, actor, outcome, how, started_at, duration_ms, rows_changed, rows, buckets, lag_ms, held_ms, tries,
    waits_for, error
  )
  select
    $2, noted.name, noted.reason, $3,
    case noted.outcome when 'computed' then 'refreshed' when 'brought' then 'unchanged' else noted.outcome end,
    case when noted.outcome = 'computed' then noted.how end,
    coalesce(to_timestamp(noted.started_ms / 1000.0), clock_timestamp()), noted.duration_ms,
    case when noted.outcome = 'computed' then noted.rows_changed end, noted.rows, noted.buckets, lag.ms, $4,
    greatest(1, noted.tries), noted.waits_for, noted.error
  from noted
  cross join lateral (
    select (extract(epoch from clock_timestamp() - min(first.received_at)) * 1000)::bigint as ms
    from jsonb_each_text(noted.held) as now (projection, seq)
    cross join lateral (
      select batch.received_at
      from events.batch
      where batch.seq > (noted.positions_before ->> now.projection)::bigint and batch.seq <= now.seq::bigint
      order by batch.seq
      limit 1
    ) as first
  ) as lag
  where noted.schema = 'marts'
    and noted.kind <> 'view'
    and (
      noted.outcome in ('computed', 'failed')
      or (noted.outcome = 'waits' and noted.waits_for is distinct from noted.waits_for_before)
      or (noted.outcome = 'brought' and $5)
    )`;
