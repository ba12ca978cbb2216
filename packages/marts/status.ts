import type { Executor } from "@jukebase/platform/executor.ts";
import { inOrder } from "./order.ts";
import { literal } from "./quote.ts";
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
  const marts = inOrder(rows.map((row) => JSON.parse(row.mart) as Registered));
  const checkpoints = await readCheckpoints(db);
  const positions = new Map<string, Positions>();
  for (const mart of marts) {
    positions.set(mart.name, mart.kind === "view" ? positionsOf(mart, checkpoints, positions) : mart.positions);
  }
  const waiting = await waitingFor(db, marts, positions);
  return marts.map((mart) => statusOf(mart, positions.get(mart.name) ?? {}, waiting.get(mart.store) ?? nothingWaits));
}

type Registered = Built & Omit<MartStatus, keyof Built | "waiting" | "waiting_since">;

type Waiting = { readonly marks: string; readonly since: string | null; readonly overdue: boolean };

const nothingWaits: Waiting = { marks: "0", since: null, overdue: false };

// One query for all: with one for each, a page on a hundred marts would go to the server a hundred times.
async function waitingFor(
  db: Executor,
  marts: readonly Built[],
  positions: ReadonlyMap<string, Positions>,
): Promise<ReadonlyMap<string, Waiting>> {
  // Each table by a subquery of its own: as one long union the server reads them with helpers, whose start takes longer than the reading.
  const dirty = marts
    .filter(({ kind }) => kind === "rollup")
    .map(
      (mart) => `(${literal(mart.store)}, (select jsonb_build_array(count(*), min(marked_at)) from ${inStore(dirtyOf(mart))}))`,
    );
  const rows = await db.query<Waiting & { store: string }>(
    `with wanted as (
      select store, seq, freshness_s from unnest($1::text[], $2::bigint[], $3::integer[]) as wanted (store, seq, freshness_s)
    ),
    found (store, counted) as (values ${["(null, null::jsonb)", ...dirty].join(", ")}),
    mark (store, marks, since) as (
      select store, count(*), min(marked_at) from marts_store.mark group by store
      union all
      select store, (counted ->> 0)::bigint, (counted ->> 1)::timestamptz from found
    ),
    marked as (select store, sum(marks) as marks, min(since) as since from mark group by store),
    waiting as (
      select wanted.store, wanted.freshness_s, coalesce(marked.marks, 0) as marks, least(marked.since, unread.received_at) as since
      from wanted
      left join marked on marked.store = wanted.store
      left join lateral (select received_at from events.batch where seq > wanted.seq order by seq limit 1) as unread on true
    )
    select
      store,
      marks::text as marks,
      to_jsonb(since) #>> '{}' as since,
      coalesce(since < clock_timestamp() - make_interval(secs => freshness_s), false) as overdue
    from waiting`,
    [
      marts.map(({ store }) => store),
      marts.map(({ name }) => leastOf(positions.get(name) ?? {})),
      marts.map(({ freshness_s }) => freshness_s),
    ],
  );
  return new Map(rows.map((row) => [row.store, row]));
}

function leastOf(positions: Positions): number | null {
  const seqs = Object.values(positions);
  return seqs.length === 0 ? null : Math.min(...seqs);
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
