import type { Executor } from "@jukebase/platform/executor.ts";
import { markWhole } from "./marking.ts";
import type { Marks } from "./marks.ts";
import { fillRollup, type Outcome, recomputeRollup } from "./recompute.ts";
import type { Footing, Known, Refresh, Refreshing } from "./refreshing.ts";
import { type Built, type Positions, positionsOf } from "./registry.ts";
import { agreed, readNow } from "./service/agreement.ts";
import { refreshSnapshot } from "./snapshot.ts";
import { inStore } from "./store.ts";

/**
 * Brings one mart up to the transaction's snapshot. One that fails is undone alone; one above a mart that could not be brought up waits
 * for it; one that failed lately is left alone for a while, if the footing says so.
 */
export async function bringUp(
  db: Executor,
  mart: Built,
  marks: Marks | undefined,
  known: ReadonlyMap<string, Known>,
  footing: Footing,
): Promise<Refreshing> {
  const { ground, patient } = footing;
  const positions = positionsOf(mart, ground.checkpoints, { get: (name) => known.get(name)?.positions });
  const read_in = agreed([readNow(mart.projections, ground.snapshot), ...mart.upstream.map((name) => known.get(name)?.read_in)]);
  const now = { mart, positions, read_in, rows: mart.rows, held: false } as const;
  const waitsFor = mart.upstream.find((name) => known.get(name)?.held === true);
  if (marks?.empty !== true && waitsFor !== undefined) return { ...held(mart), ...waiting(mart, waitsFor) };
  if (patient && isLeftAlone(mart, ground.now_ms)) return { ...held(mart), ...left(mart) };
  if (marks === undefined) return { ...now, outcome: "brought", result: skipped(mart.name, "computed when read") };
  if (!marks.buckets && !marks.whole && !marks.empty)
    return { ...now, outcome: "brought", result: skipped(mart.name, "nothing marked") };
  return attempt(db, now, marks, footing.all);
}

/** The result of a mart with which nothing was done. */
export function skipped(name: string, reason: string): Refresh {
  return { name, reason, rowsChanged: 0, duration_ms: 0, skipped: true };
}

function held(mart: Built): Pick<Refreshing, "mart" | "positions" | "read_in" | "rows" | "held"> {
  return { mart, positions: mart.positions, read_in: mart.read_in, rows: mart.rows, held: true };
}

function waiting(mart: Built, waitsFor: string): Pick<Refreshing, "outcome" | "waitsFor" | "result"> {
  return { outcome: "waits", waitsFor, result: skipped(mart.name, `waits for marts.${waitsFor}`) };
}

function left(mart: Built): Pick<Refreshing, "outcome" | "result"> {
  return { outcome: "left", result: skipped(mart.name, "failed lately; it is tried again in a while") };
}

function isLeftAlone({ retry_at }: Built, now_ms: number): boolean {
  return retry_at !== null && Date.parse(retry_at) > now_ms;
}

type Bringing = Known & { readonly mart: Built; readonly positions: Positions; readonly rows: number | null };

async function attempt(db: Executor, now: Bringing, marks: Marks, all: readonly Built[]): Promise<Refreshing> {
  const { mart } = now;
  await db.query("savepoint before_mart");
  const started_ms = await clock(db);
  try {
    const { reason, rowsChanged, rows, buckets } = await compute(db, mart, marks);
    if (mart.kind === "materialized") await markAbove(db, mart, all);
    const duration_ms = (await clock(db)) - started_ms;
    await db.query("release savepoint before_mart");
    const result = { name: mart.name, reason, rowsChanged, duration_ms, skipped: false };
    return { ...now, outcome: "computed", result, rows, buckets, started_ms };
  } catch (failure) {
    await db.query("rollback to savepoint before_mart");
    const duration_ms = (await clock(db)) - started_ms;
    const error = `marts.${mart.name}: ${(failure as Error).message}`;
    const result = { name: mart.name, reason: "failed", rowsChanged: null, duration_ms, skipped: false, error };
    return { ...held(mart), outcome: "failed", result, started_ms };
  }
}

async function compute(db: Executor, mart: Built, { whole, empty }: Marks): Promise<Outcome> {
  if (whole) await db.query("delete from marts_store.mark where store = $1", [mart.store]);
  if (mart.kind === "rollup") return empty ? fillRollup(db, mart) : recomputeRollup(db, mart, whole);
  if (mart.kind === "snapshot") return refreshSnapshot(db, mart, empty);
  return refreshMaterialized(db, mart, empty);
}

async function refreshMaterialized(db: Executor, mart: Built, first: boolean): Promise<Outcome> {
  await db.query(`refresh materialized view ${first ? "" : "concurrently"} ${inStore(mart.store)}`);
  const [answer] = await db.query<{ rows: string }>(`select count(*)::text as rows from ${inStore(mart.store)}`);
  return { reason: first ? "filled" : "refreshed", rowsChanged: null, rows: Number(answer?.rows), buckets: null };
}

async function markAbove(db: Executor, mart: Built, all: readonly Built[]): Promise<void> {
  await markWhole(
    db,
    all.filter((above) => above.marked_by.includes(mart.name)).map((above) => above.store),
  );
}

async function clock(db: Executor): Promise<number> {
  const [row] = await db.query<{ ms: string }>("select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as ms");
  return Number(row?.ms);
}
