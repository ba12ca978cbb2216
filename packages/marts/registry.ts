import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";

/** A mart as built, from marts_store.mart: all that a refresh needs, so that refreshing never depends on newer source. */
export type Built = {
  readonly name: string;
  /** The relation in marts_store, without the schema. */
  readonly store: string;
  readonly hash: string;
  readonly documentation_hash: string;
  readonly kind: Mart["kind"];
  readonly key: readonly string[];
  readonly bucket: readonly string[];
  readonly columns: readonly string[];
  readonly upstream: readonly string[];
  readonly marked_by: readonly string[];
  readonly projections: readonly string[];
  readonly grain: string;
  readonly owner: string;
  readonly freshness_s: number;
  readonly positions: Positions;
  readonly rows: number | null;
};

/** Projection → batch seq up to which it is contained. */
export type Positions = Readonly<Record<string, number>>;

/** Every registered mart, by name. */
export async function registeredMarts(db: Executor): Promise<Built[]> {
  const rows = await db.query<{ mart: string }>("select to_jsonb(mart)::text as mart from marts_store.mart order by name");
  return rows.map((row) => JSON.parse(row.mart) as Built);
}

/** Writes a mart as built; one of the same name is replaced. */
export async function register(db: Executor, mart: Built, refreshed: Refreshed): Promise<void> {
  await db.query("delete from marts_store.mart where name = $1", [mart.name]);
  await db.query(
    `insert into marts_store.mart (name, store, hash, documentation_hash, kind, key, bucket, columns, upstream, marked_by, projections,
       grain, owner, freshness_s)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
    [
      mart.name,
      mart.store,
      mart.hash,
      mart.documentation_hash,
      mart.kind,
      mart.key,
      mart.bucket,
      mart.columns,
      mart.upstream,
      mart.marked_by,
      mart.projections,
      mart.grain,
      mart.owner,
      mart.freshness_s,
    ],
  );
  await recordRefresh(db, mart.store, refreshed);
}

/** What a refresh found out; `startedAt` is the database's clock. */
export type Refreshed = {
  readonly positions: Positions;
  readonly rows: number | null;
  readonly rowsChanged: number | null;
  readonly duration_ms: number;
};

/** Records a refresh that went well. Does nothing when the store is not (or no longer) the registered one. */
export async function recordRefresh(db: Executor, store: string, refreshed: Refreshed): Promise<void> {
  await db.query(
    `update marts_store.mart
     set positions = $2, rows = $3, rows_changed = $4, duration_ms = $5, refreshed_at = clock_timestamp(),
       status = 'current', error = null, stale = false
     where store = $1`,
    [store, JSON.stringify(refreshed.positions), refreshed.rows, refreshed.rowsChanged, refreshed.duration_ms],
  );
}

/** Records that nothing had to be computed: the same rows are exact at a later position. */
export async function recordPositions(db: Executor, store: string, positions: Positions): Promise<void> {
  await db.query(
    `update marts_store.mart
     set positions = $2, refreshed_at = clock_timestamp(), status = 'current', error = null, stale = false
     where store = $1 and (positions <> $2 or status <> 'current' or stale)`,
    [store, JSON.stringify(positions)],
  );
}

/** Records a refresh that failed (`error`), or one not tried because a mart beneath it failed (null); its rows and positions stand. */
export async function recordFailure(db: Executor, store: string, error: string | null): Promise<void> {
  await db.query(
    `update marts_store.mart
     set stale = true, error = coalesce($2, error), status = case when $2::text is null then status else 'failed' end
     where store = $1`,
    [store, error],
  );
}

/** What the mart is exact at, at this snapshot: the least that any path from the log to it has read. */
export function positionsOf(mart: Built, checkpoints: Positions, upstream: ReadonlyMap<string, Positions>): Positions {
  const least: Record<string, number> = {};
  const lower = (projection: string, seq: number): void => {
    least[projection] = Math.min(least[projection] ?? seq, seq);
  };
  for (const projection of mart.projections) lower(projection, checkpoints[projection] ?? 0);
  for (const name of mart.upstream) {
    for (const [projection, seq] of Object.entries(upstream.get(name) ?? {})) lower(projection, seq);
  }
  return Object.fromEntries(Object.entries(least).sort());
}

/** How far each live projection has read, at the transaction's snapshot; for those in `next`, what a rebuild fills beside it. */
export async function readCheckpoints(db: Executor, next: readonly string[] = []): Promise<Positions> {
  const rows = await db.query<{ projection: string; seq: string }>(
    `select projection, seq::text as seq
     from events.checkpoint
     where generation = case when projection = any($1::text[]) then 2 else 1 end`,
    [next],
  );
  return Object.fromEntries(rows.map((row) => [row.projection, Number(row.seq)]));
}
