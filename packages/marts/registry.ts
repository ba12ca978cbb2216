import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart, MartSchedule, SnapshotHistory } from "@jukebase/platform/mart.ts";

/** A mart as built, from marts_store.mart: all that a refresh needs, so that refreshing never depends on newer source. */
export type Built = {
  /** The environment: `marts`, or `marts_NAME`. */
  readonly schema: string;
  readonly name: string;
  /** The name under which whoever refreshes it locks it: environments that share a store share its lock. */
  readonly lock: string;
  /** The relation in marts_store, without the schema. */
  readonly store: string;
  readonly hash: string;
  readonly documentation_hash: string;
  readonly kind: Mart["kind"];
  readonly key: readonly string[];
  readonly bucket: readonly string[];
  readonly history: SnapshotHistory | null;
  readonly columns: readonly string[];
  readonly upstream: readonly string[];
  readonly marked_by: readonly string[];
  readonly projections: readonly string[];
  readonly grain: string;
  readonly owner: string;
  readonly freshness_s: number;
  readonly refresh: MartSchedule | null;
  readonly positions: Positions;
  /** Projection → the refresh in whose snapshot its tables were read. */
  readonly read_in: Readonly<Record<string, string>>;
  readonly rows: number | null;
  /** It serves older rows than it could, since its last refresh failed or one beneath it did. */
  readonly stale: boolean;
  /** How long it usually takes to compute what is marked: a moving average. */
  readonly usual_ms: number | null;
  /** How often in a row it could not be computed, and until when it is left alone for that. */
  readonly tries: number;
  readonly retry_at: string | null;
  /** The mart beneath that could not be brought up to now. */
  readonly waits_for: string | null;
  readonly refreshed_at: string | null;
};

/** Projection → batch seq up to which it is contained. */
export type Positions = Readonly<Record<string, number>>;

/** The schema of the marts that everybody reads. */
export const liveSchema = "marts";

/** Every registered mart of an environment, by name. */
export async function registeredMarts(db: Executor, schema: string = liveSchema): Promise<Built[]> {
  return (await everyMart(db)).filter((mart) => mart.schema === schema);
}

/** Every registered mart of every environment; those that are the same in two of them have one store. */
export async function everyMart(db: Executor): Promise<Built[]> {
  const rows = await db.query<{ mart: string }>(
    "select to_jsonb(mart)::text as mart from marts_store.mart order by schema, name",
  );
  const marts = rows.map((row) => JSON.parse(row.mart) as Omit<Built, "lock">);
  const live = new Set(marts.filter(({ schema }) => schema === liveSchema).map(({ store }) => store));
  return marts.map((mart) => ({ ...mart, lock: lockOf(live.has(mart.store) ? liveSchema : mart.schema, mart.name) }));
}

/** The name of a mart's lock, by the environment that its store belongs to. */
export function lockOf(schema: string, name: string): string {
  return schema === liveSchema ? name : `${schema}.${name}`;
}

/** Writes a mart as built; one of the same name is replaced. */
export async function register(db: Executor, mart: Built, refreshed: Refreshed): Promise<void> {
  await forget(db, mart.schema, mart.name);
  await db.query(
    `insert into marts_store.mart (schema, name, store, hash, documentation_hash, kind, key, bucket, history, columns, upstream, marked_by,
       projections, grain, owner, freshness_s, refresh)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`,
    [
      mart.schema,
      mart.name,
      mart.store,
      mart.hash,
      mart.documentation_hash,
      mart.kind,
      mart.key,
      mart.bucket,
      mart.history === null ? null : JSON.stringify(mart.history),
      mart.columns,
      mart.upstream,
      mart.marked_by,
      mart.projections,
      mart.grain,
      mart.owner,
      mart.freshness_s,
      mart.refresh === null ? null : JSON.stringify(mart.refresh),
    ],
  );
  await recordFilling(db, mart.store, refreshed);
}

/** Writes that an environment's mart stands on a store that another has already, as that stands now. */
export async function registerShared(db: Executor, schema: string, mart: Built): Promise<void> {
  await forget(db, schema, mart.name);
  await db.query(
    `insert into marts_store.mart
     select shared.*
     from marts_store.mart
     cross join lateral jsonb_populate_record(mart, jsonb_build_object('schema', $2::text)) as shared
     where mart.schema = $1
       and mart.name = $3`,
    [mart.schema, schema, mart.name],
  );
}

/** Takes a mart out of the registry; its store goes when nobody stands on it any more. */
export async function forget(db: Executor, schema: string, name: string): Promise<void> {
  await db.query("delete from marts_store.mart where schema = $1 and name = $2", [schema, name]);
}

/** What filling a new store found out. */
export type Refreshed = {
  readonly positions: Positions;
  readonly read_in: Readonly<Record<string, string>>;
  readonly rows: number | null;
  readonly rowsChanged: number | null;
  readonly duration_ms: number;
};

async function recordFilling(db: Executor, store: string, { positions, read_in, rows, ...filled }: Refreshed): Promise<void> {
  await db.query(
    `update marts_store.mart
     set positions = $2, read_in = $3, rows = $4, rows_changed = $5, duration_ms = $6, refreshed_at = clock_timestamp()
     where store = $1`,
    [store, JSON.stringify(positions), JSON.stringify(read_in), rows, filled.rowsChanged, filled.duration_ms],
  );
}

/** Where marts beneath are, by name. */
export type PositionsByName = { readonly get: (name: string) => Positions | undefined };

/** What the mart is exact at, at this snapshot: the least that any path from the log to it has read. */
export function positionsOf(mart: Built, checkpoints: Positions, upstream: PositionsByName): Positions {
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
