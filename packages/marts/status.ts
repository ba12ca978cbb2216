import type { Executor } from "@jukebase/platform/executor.ts";
import { inOrder } from "./order.ts";
import { type Built, liveSchema, type Positions, positionsOf, readCheckpoints } from "./registry.ts";
import { dirtyOf, inStore } from "./store.ts";

/** How a mart stands now. Instants are text as the server writes them in JSON; `waiting` counts marks, not rows. */
export type MartStatus = {
  readonly name: string;
  readonly kind: Built["kind"];
  readonly grain: string;
  readonly owner: string;
  readonly store: string;
  readonly hash: string;
  readonly built_at: string;
  readonly refreshed_at: string | null;
  /** Projection → batch seq: the mart holds exactly the events up to there. A view is always at its sources' positions. */
  readonly positions: Positions;
  readonly rows: number | null;
  readonly rows_changed: number | null;
  readonly duration_ms: number | null;
  readonly status: "current" | "failed";
  readonly error: string | null;
  readonly waiting: number;
  /** Since when the oldest mark, or the oldest event that the mart does not hold, has waited. */
  readonly waiting_since: string | null;
  /** Something has waited longer than the mart's freshness_s allows, or its last refresh failed. */
  readonly stale: boolean;
};

/** Every mart's state, in the order in which they are refreshed. */
export async function martStatus(db: Executor, schema: string = liveSchema): Promise<MartStatus[]> {
  const rows = await db.query<{ mart: string }>("select to_jsonb(mart)::text as mart from marts_store.mart where schema = $1", [
    schema,
  ]);
  const checkpoints = await readCheckpoints(db);
  const positions = new Map<string, Positions>();
  const statuses: MartStatus[] = [];
  for (const mart of inOrder(rows.map((row) => JSON.parse(row.mart) as Registered))) {
    const exactAt = mart.kind === "view" ? positionsOf(mart, checkpoints, positions) : mart.positions;
    positions.set(mart.name, exactAt);
    statuses.push(statusOf(mart, exactAt, await waitingFor(db, mart, exactAt)));
  }
  return statuses;
}

type Registered = Built & Omit<MartStatus, keyof Built | "waiting" | "waiting_since">;

type Waiting = { readonly marks: string; readonly since: string | null; readonly overdue: boolean };

async function waitingFor(db: Executor, mart: Built, positions: Positions): Promise<Waiting> {
  const seqs = Object.values(positions);
  const buckets = mart.kind === "rollup" ? `union all select marked_at from ${inStore(dirtyOf(mart))}` : "";
  const [row] = await db.query<Waiting>(
    `with marked as (select marked_at from marts_store.mark where store = $1 ${buckets}),
    unread as (select received_at from events.batch where seq > $2::bigint order by seq limit 1),
    waiting as (
      select (select count(*) from marked) as marks, least((select min(marked_at) from marked), (select received_at from unread)) as since
    )
    select
      marks::text as marks,
      to_jsonb(since) #>> '{}' as since,
      coalesce(since < clock_timestamp() - make_interval(secs => $3::integer), false) as overdue
    from waiting`,
    [mart.store, seqs.length === 0 ? null : Math.min(...seqs), mart.freshness_s],
  );
  return row ?? { marks: "0", since: null, overdue: false };
}

function statusOf(mart: Registered, positions: Positions, waits: Waiting): MartStatus {
  const { name, kind, grain, owner, store, hash, built_at, refreshed_at, rows, rows_changed, duration_ms, status, error } = mart;
  const facts = {
    name,
    kind,
    grain,
    owner,
    store,
    hash,
    built_at,
    refreshed_at,
    positions,
    rows,
    rows_changed,
    duration_ms,
    status,
    error,
  };
  return { ...facts, waiting: Number(waits.marks), waiting_since: waits.since, stale: mart.stale || waits.overdue };
}
