import type { Executor } from "@jukebase/platform/executor.ts";
import type pg from "pg";
import { markWhole } from "./marking.ts";
import { families, withUpstream } from "./order.ts";
import { quoted } from "./quote.ts";
import { fillRollup, type Outcome, recomputeRollup } from "./recompute.ts";
import {
  type Built,
  everyMart,
  liveSchema,
  type Positions,
  positionsOf,
  readCheckpoints,
  recordFailure,
  recordPositions,
  recordRefresh,
} from "./registry.ts";
import { lockAll, session, unlockAll, within } from "./session.ts";
import { refreshSnapshot } from "./snapshot.ts";
import { inStore } from "./store.ts";

/** What a refresh did with one mart. `rowsChanged` is null where the server does not say (materialized, views). */
export type Refresh = {
  readonly name: string;
  readonly reason: string;
  readonly rowsChanged: number | null;
  readonly duration_ms: number;
  readonly skipped: boolean;
  readonly error?: string;
};

/**
 * Brings the marts up to now, computing only what is marked. Marts that stand on one another are refreshed in one snapshot, so all of
 * them are exact at the same positions; one that fails is undone alone, keeps its old rows, and those above it wait.
 * `only`: these and what they stand on. `schema`: the marts of that environment. `wait: false`: families that another refresh holds are left to it.
 * Two at once are safe: the second waits, and finds nothing left to do.
 */
export async function refreshMarts(
  pool: pg.Pool,
  options: { readonly only?: readonly string[]; readonly wait?: boolean; readonly schema?: string } = {},
): Promise<Refresh[]> {
  return session(pool, async (db) => {
    const all = await everyMart(db);
    const registered = all.filter((mart) => mart.schema === (options.schema ?? liveSchema));
    const chosen = options.only === undefined ? registered : withUpstream(registered, options.only);
    const done: Refresh[] = [];
    for (const family of families(chosen)) done.push(...(await refreshLocked(db, family, all, options.wait ?? true)));
    return done;
  });
}

/** A mart after a refresh: its result, and what the registry is to say of it. `held`: it could not be brought up to now. */
export type Refreshing = {
  readonly mart: Built;
  readonly result: Refresh;
  readonly positions: Positions;
  readonly rows: number | null;
  readonly held: boolean;
};

/** One family, in order, at one snapshot; the caller holds its locks. `all` is who may have to be marked. */
export async function refreshFamily(db: Executor, family: readonly Built[], all: readonly Built[]): Promise<Refreshing[]> {
  return within(db, "repeatable read", () => refreshFamilyWithin(db, family, all));
}

/** The same in the caller's transaction, which is repeatable read. `next`: projections of which the marts read what is beside the live. */
export async function refreshFamilyWithin(
  db: Executor,
  family: readonly Built[],
  all: readonly Built[],
  next: readonly string[] = [],
): Promise<Refreshing[]> {
  await db.query("set local jit = off");
  const checkpoints = await readCheckpoints(db, next);
  const positions = new Map<string, Positions>();
  const held = new Set<string>();
  const done: Refreshing[] = [];
  for (const mart of family) {
    const exactAt = positionsOf(mart, checkpoints, positions);
    const waitsFor = mart.upstream.find((name) => held.has(name));
    const refreshing =
      waitsFor === undefined || (await isEmpty(db, mart))
        ? await attempt(db, mart, all, exactAt)
        : await leave(db, mart, waitsFor);
    if (refreshing.held) held.add(mart.name);
    positions.set(mart.name, refreshing.positions);
    done.push(refreshing);
  }
  return done;
}

async function refreshLocked(db: Executor, family: readonly Built[], all: readonly Built[], wait: boolean): Promise<Refresh[]> {
  const locks = family.map((mart) => mart.lock);
  if (!(await lockAll(db, locks, wait))) return family.map(({ name }) => skipped(name, "another refresh holds it"));
  try {
    const now = await asRegisteredNow(db, family);
    if (now === undefined) return family.map(({ name }) => skipped(name, "built anew meanwhile"));
    return (await refreshFamily(db, now, all)).map(({ result }) => result);
  } finally {
    await unlockAll(db, locks);
  }
}

// While this refresh waited for its locks, another may have counted rows, or a build put other stores in place.
async function asRegisteredNow(db: Executor, family: readonly Built[]): Promise<Built[] | undefined> {
  const now = new Map((await everyMart(db)).map((mart) => [`${mart.schema}.${mart.store}`, mart]));
  const members = family.flatMap((mart) => now.get(`${mart.schema}.${mart.store}`) ?? []);
  return members.length === family.length ? members : undefined;
}

async function attempt(db: Executor, mart: Built, all: readonly Built[], positions: Positions): Promise<Refreshing> {
  await db.query("savepoint before_mart");
  const started = await clock(db);
  try {
    const outcome = await compute(db, mart);
    if (outcome?.reason !== undefined && mart.kind === "materialized") await markAbove(db, mart, all);
    const duration_ms = (await clock(db)) - started;
    if (outcome === undefined) await recordPositions(db, mart.store, positions);
    else await recordRefresh(db, mart.store, { positions, ...outcome, duration_ms });
    await db.query("release savepoint before_mart");
    const result =
      outcome === undefined
        ? skipped(mart.name, mart.kind === "view" ? "computed when read" : "nothing marked")
        : { name: mart.name, reason: outcome.reason, rowsChanged: outcome.rowsChanged, duration_ms, skipped: false };
    return { mart, result, positions, rows: outcome?.rows ?? mart.rows, held: false };
  } catch (failure) {
    await db.query("rollback to savepoint before_mart");
    return fail(db, mart, failure as Error, (await clock(db)) - started);
  }
}

async function compute(db: Executor, mart: Built): Promise<Outcome | undefined> {
  if (mart.kind === "view") return undefined;
  const marks = await db.query("delete from marts_store.mark where store = $1 returning 1 as mark", [mart.store]);
  const empty = await isEmpty(db, mart);
  if (mart.kind === "rollup") return empty ? fillRollup(db, mart) : recomputeRollup(db, mart, marks.length > 0);
  if (mart.kind === "snapshot") return empty || marks.length > 0 ? refreshSnapshot(db, mart, empty) : undefined;
  return empty || marks.length > 0 ? refreshMaterialized(db, mart, empty) : undefined;
}

async function refreshMaterialized(db: Executor, mart: Built, first: boolean): Promise<Outcome> {
  await db.query(`refresh materialized view ${first ? "" : "concurrently"} ${inStore(mart.store)}`);
  const [answer] = await db.query<{ rows: string }>(`select count(*)::text as rows from ${inStore(mart.store)}`);
  return { reason: first ? "filled" : "refreshed", rowsChanged: null, rows: Number(answer?.rows) };
}

/** Whether a store was never filled: a materialized view says so, a table has not been counted yet. */
async function isEmpty(db: Executor, mart: Built): Promise<boolean> {
  if (mart.kind !== "materialized") return mart.kind !== "view" && mart.rows === null;
  const [answer] = await db.query<{ populated: boolean }>(
    "select relispopulated as populated from pg_class where oid = $1::regclass",
    [quoted(`marts_store.${mart.store}`)],
  );
  return answer?.populated !== true;
}

async function markAbove(db: Executor, mart: Built, all: readonly Built[]): Promise<void> {
  await markWhole(
    db,
    all.filter((above) => above.marked_by.includes(mart.name)).map((above) => above.store),
  );
}

async function leave(db: Executor, mart: Built, waitsFor: string): Promise<Refreshing> {
  await recordFailure(db, mart.store, null);
  return {
    mart,
    result: skipped(mart.name, `waits for marts.${waitsFor}`),
    positions: mart.positions,
    rows: mart.rows,
    held: true,
  };
}

async function fail(db: Executor, mart: Built, failure: Error, duration_ms: number): Promise<Refreshing> {
  const message = `marts.${mart.name}: ${failure.message}`;
  await recordFailure(db, mart.store, message);
  const result = { name: mart.name, reason: "failed", rowsChanged: null, duration_ms, skipped: false, error: message };
  return { mart, result, positions: mart.positions, rows: mart.rows, held: true };
}

function skipped(name: string, reason: string): Refresh {
  return { name, reason, rowsChanged: 0, duration_ms: 0, skipped: true };
}

async function clock(db: Executor): Promise<number> {
  const [row] = await db.query<{ ms: string }>("select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms");
  return Number(row?.ms);
}
