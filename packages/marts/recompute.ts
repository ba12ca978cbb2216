import type { Executor } from "@jukebase/platform/executor.ts";
import {
  cheapest,
  type NullPattern,
  nullPatterns,
  oneByOne,
  rowsInDirtyBuckets,
  rowsOf,
  together,
  type Way,
  wholly,
} from "./bucket-ways.ts";
import { mergeFresh } from "./merge.ts";
import { definitionOf } from "./plan.ts";
import { listed } from "./quote.ts";
import type { Built } from "./registry.ts";
import { orSideBySide } from "./side-by-side.ts";
import { dirtyOf, inStore } from "./store.ts";

/** What computing anew did: how many rows now differ, how many there are, and of how many buckets (null: not known, or not in buckets). */
export type Outcome = {
  readonly reason: string;
  readonly rowsChanged: number | null;
  readonly rows: number | null;
  readonly buckets: number | null;
};

/** Above this many buckets, finding them one by one is never the faster way. */
const buckets_max = 50_000;

/** Fills an empty rollup; its marks are all older than the snapshot that fills it. */
export async function fillRollup(db: Executor, mart: Built): Promise<Outcome> {
  await db.query(`delete from ${inStore(dirtyOf(mart))}`);
  const [answer] = await db.query<{ rows: string }>(`
    with filled as (
      insert into ${inStore(mart.store)} (${listed(mart.columns)})
      select ${listed(mart.columns)} from ${inStore(definitionOf(mart))}
      returning 1
    )
    select count(*)::text as rows from filled`);
  await db.query(`analyze ${inStore(mart.store)}`);
  const rows = Number(answer?.rows);
  return { reason: "filled", rowsChanged: rows, rows, buckets: null };
}

/**
 * Brings a rollup up to the transaction's snapshot (repeatable read): takes its marks, computes those buckets anew in the way that the
 * planner holds for cheapest, and merges. Only rows that really differ are written, so only they mark what stands above.
 */
export async function recomputeRollup(db: Executor, mart: Built, whole: boolean): Promise<Outcome> {
  const buckets = await takeMarks(db, mart);
  const everything = whole || buckets > buckets_max;
  const patterns = everything ? [] : await nullPatterns(db, mart);
  const way = everything ? wholly(mart) : await bestWay(db, mart, patterns, buckets);
  await db.query(`create temp table fresh on commit drop as ${way.sql}`, way.values);
  await db.query(`analyze fresh (${listed(mart.key)})`); // The other columns say nothing of how to join, and cost the most.
  const { inserted, updated, deleted } = await mergeFresh(
    db,
    mart,
    everything ? rowsOf(mart) : rowsInDirtyBuckets(mart, patterns),
  );
  await db.query("drop table dirty, fresh");
  return {
    reason: everything ? "computed as a whole" : `${buckets} ${buckets === 1 ? "bucket" : "buckets"}, ${way.name}`,
    rowsChanged: inserted + updated + deleted,
    rows: mart.rows === null ? null : mart.rows + inserted - deleted,
    buckets: everything ? null : buckets,
  };
}

async function bestWay(db: Executor, mart: Built, patterns: readonly NullPattern[], buckets: number): Promise<Way> {
  const best = await cheapest(db, [oneByOne(mart, patterns), await together(db, mart, patterns), wholly(mart)]);
  return orSideBySide(db, mart, best, buckets);
}

// Deleted and read in one snapshot: what commits later keeps its mark.
async function takeMarks(db: Executor, mart: Built): Promise<number> {
  await db.query(
    `create temp table dirty on commit drop as select ${listed(mart.bucket)} from ${inStore(mart.store)} with no data`,
  );
  const [answer] = await db.query<{ buckets: string }>(`
    with taken as (delete from ${inStore(dirtyOf(mart))} returning ${listed(mart.bucket)}),
    kept as (insert into dirty select distinct ${listed(mart.bucket)} from taken returning 1)
    select count(*)::text as buckets from kept`);
  await db.query("analyze dirty");
  return Number(answer?.buckets);
}
