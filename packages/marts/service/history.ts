import type { Executor } from "@jukebase/platform/executor.ts";
import type { RefreshReason } from "./run.ts";

/** How the refresh of a mart ended; `waits`: for a mart beneath, told once; `interrupted`: its process died, or all of it was undone. */
export const refreshOutcomes = ["refreshed", "unchanged", "failed", "waits", "interrupted"] as const;

/** One of them. */
export type RefreshOutcome = (typeof refreshOutcomes)[number];

/** What one refresh did with one mart. Instants are text as the server writes them in JSON; null where there is nothing to say. */
export type RefreshRecord = {
  /** Marts with the same one were refreshed in one snapshot. */
  readonly run_id: string;
  readonly mart: string;
  readonly reason: RefreshReason;
  readonly actor: string | null;
  readonly outcome: RefreshOutcome;
  /** What was computed, and in which way. */
  readonly how: string | null;
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number | null;
  readonly rows_changed: number | null;
  readonly rows: number | null;
  readonly buckets: number | null;
  /** From the receipt of the first event that is new in it to the refresh that brought it. */
  readonly lag_ms: number | null;
  /** For how long the load of the database held the refresh back. */
  readonly held_ms: number;
  /** Which attempt in a row it was. */
  readonly tries: number;
  readonly waits_for: string | null;
  readonly error: string | null;
};

/** Which refreshes are meant; undefined means any. `before`: those that ended earlier than the one of this position (a page's last). */
export type RefreshFilter = {
  readonly mart?: string | undefined;
  readonly reason?: string | undefined;
  readonly outcome?: string | undefined;
  readonly before?: { readonly finished_at: string; readonly mart: string } | undefined;
};

/** The last refreshes of a mart, the newest first. */
export function refreshesOf(db: Executor, mart: string, n: number): Promise<RefreshRecord[]> {
  return listRefreshes(db, { mart }, n);
}

/** The last refreshes of all marts, the newest first. */
export async function listRefreshes(
  db: Executor,
  { mart, reason, outcome, before }: RefreshFilter,
  n: number,
): Promise<RefreshRecord[]> {
  const rows = await db.query<{ record: string }>(
    `select to_jsonb(refresh)::text as record
     from marts_store.refresh
     where ($1::text is null or mart = $1)
       and ($2::text is null or reason = $2)
       and ($3::text is null or outcome = $3)
       and ($4::timestamptz is null or (finished_at, mart) < ($4, $5))
     order by finished_at desc, mart desc
     limit $6`,
    [mart ?? null, reason ?? null, outcome ?? null, before?.finished_at ?? null, before?.mart ?? null, n],
  );
  return rows.map(({ record }) => JSON.parse(record) as RefreshRecord);
}

const kept_days = 90;
/** What happens by itself several times a second under load would crowd out what a person looks for, so the two are counted apart. */
const kept_max = 2_000;

/**
 * Forgets refreshes that are older than 90 days, and of each mart all but the newest 2,000 that went well by themselves and the newest
 * 2,000 others; says how many. Runs whose process died, and whose marts nobody has refreshed for a day, count as interrupted.
 */
export async function sweepRefreshes(db: Executor): Promise<number> {
  const gone = await db.query(
    `with numbered as (
       select
         mart, run_id, finished_at,
         row_number() over (partition by mart, outcome = 'refreshed' and reason in ('event', 'upstream') order by run_id desc) as n
       from marts_store.refresh
     )
     delete from marts_store.refresh
     using numbered
     where refresh.mart = numbered.mart
       and refresh.run_id = numbered.run_id
       and (numbered.n > ${kept_max} or numbered.finished_at < clock_timestamp() - interval '${kept_days} days')
     returning 1 as gone`,
  );
  await db.query(
    `with gone as (
       delete from marts_store.refresh_run
       where started_at < clock_timestamp() - interval '1 day'
       returning *
     )
     insert into marts_store.refresh (run_id, mart, reason, actor, outcome, started_at, held_ms)
     select run_id, mart, reason, actor, 'interrupted', started_at, held_ms
     from gone
     cross join lateral unnest(marts) as named (mart)
     where finished_at is null`,
  );
  return gone.length;
}

/** How long computing a mart took, of what was refreshed in the last day. */
export type RefreshDurations = {
  readonly mart: string;
  readonly refreshes: number;
  readonly median_ms: number;
  readonly longest_ms: number;
};

/** Durations by mart, the slowest first. */
export async function refreshDurations(db: Executor): Promise<RefreshDurations[]> {
  const rows = await db.query<{ mart: string; refreshes: string; median_ms: string; longest_ms: string }>(
    `select
       mart, count(*)::text as refreshes, percentile_disc(0.5) within group (order by duration_ms)::text as median_ms,
       max(duration_ms)::text as longest_ms
     from marts_store.refresh
     where outcome = 'refreshed'
       and finished_at > clock_timestamp() - interval '1 day'
     group by mart
     order by max(duration_ms) desc, mart`,
  );
  return rows.map(({ mart, refreshes, median_ms, longest_ms }) => ({
    mart,
    refreshes: Number(refreshes),
    median_ms: Number(median_ms),
    longest_ms: Number(longest_ms),
  }));
}

/** What ended after an instant of the server's clock, and that clock now; without one nothing is new. */
export async function refreshesSince(
  db: Executor,
  instant: string | undefined,
): Promise<{ readonly now: string; readonly records: readonly RefreshRecord[] }> {
  const [row] = await db.query<{ now: string; records: string }>(
    `select
       to_jsonb(clock_timestamp()) #>> '{}' as now,
       coalesce(
         (select jsonb_agg(to_jsonb(refresh)) from marts_store.refresh where finished_at > $1::timestamptz),
         '[]'
       )::text as records`,
    [instant ?? null],
  );
  return { now: row?.now ?? "", records: JSON.parse(row?.records ?? "[]") as RefreshRecord[] };
}
