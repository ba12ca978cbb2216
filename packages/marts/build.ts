import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { attachMarkers, createMarkers, type Watch } from "./marking.ts";
import { families } from "./order.ts";
import { type Planned, planMarts, type Schemas } from "./plan.ts";
import { reachOf } from "./reach.ts";
import { type Refreshing, refreshFamily } from "./refresh.ts";
import { type Built, registeredMarts } from "./registry.ts";
import { retireOrphans } from "./retire.ts";
import { lockAll, session, unlockAll, within, withShortLocks } from "./session.ts";
import { createStore } from "./store.ts";
import { documentAnew, swap } from "./swap.ts";

/** What a build did, by name. `leftBehind`: old stores that readers still held; the next build removes them. */
export type Build = {
  readonly built: readonly string[];
  readonly unchanged: readonly string[];
  readonly removed: readonly string[];
  readonly leftBehind: boolean;
};

/**
 * Makes the database have exactly these marts. What is new or whose definition changed is built, with all that stands on it, beside the
 * old; filled at one snapshot; and put in place in one short transaction. Until then, and if anything fails, the old marts serve.
 * `schemas` says which projection writes which schema. Throws Invalid with file and line on what is wrong in a mart.
 * One build at a time: another waits, unless it finds everything built.
 */
export async function buildMarts(pool: pg.Pool, marts: readonly Mart[], options: { readonly schemas: Schemas }): Promise<Build> {
  return session(pool, async (db) => {
    if (!(await lockAll(db, ["/builder"], false))) {
      const standing = await asBuilt(db, marts, options.schemas);
      if (standing !== undefined) return standing;
      await lockAll(db, ["/builder"]);
    }
    await retireOrphans(db);
    const planned = await planMarts(db, marts, options.schemas);
    const registered = await registeredMarts(db);
    const changed = planned.filter((plan) => !registered.some((mart) => mart.store === plan.store));
    const removed = registered.map((mart) => mart.name).filter((name) => !planned.some((plan) => plan.name === name));
    const { built: stores } = await prepare(db, planned, changed);
    const filled = await fill(db, planned, stores, registered);
    await putInPlace(db, changed, filled, removed);
    await documentAnew(
      db,
      planned.filter((plan) => !changed.includes(plan)),
      registered,
    );
    const retired = changed.length + removed.length === 0 || (await retireOrphans(db));
    const built = changed.map((plan) => plan.name);
    return {
      built,
      unchanged: planned.map((plan) => plan.name).filter((name) => !built.includes(name)),
      removed,
      leftBehind: !retired,
    };
  });
}

// A rebuild holds the builder's lock for long; who only opens the installation need not wait for it.
async function asBuilt(db: Executor, marts: readonly Mart[], schemas: Schemas): Promise<Build | undefined> {
  const planned = await planMarts(db, marts, schemas);
  const registered = await registeredMarts(db);
  const stands = (plan: Planned): boolean =>
    registered.some((mart) => mart.store === plan.store && mart.documentation_hash === plan.documentation_hash);
  if (planned.length !== registered.length || !planned.every(stands)) return undefined;
  return { built: [], unchanged: planned.map(({ name }) => name), removed: [], leftBehind: false };
}

/** Empty stores whose triggers already watch: every write that the filling snapshot does not see leaves its mark. */
export async function prepare(
  db: Executor,
  planned: readonly Planned[],
  changed: readonly Planned[],
): Promise<{ readonly built: readonly Built[]; readonly watches: readonly Watch[] }> {
  const stores = new Map(planned.map((plan) => [plan.store, plan.name]));
  const watches: Watch[] = [];
  const built = await within(db, "read committed", async () => {
    for (const plan of changed) await createStore(db, plan);
    const marts: Built[] = [];
    for (const plan of changed) {
      const marking = await createMarkers(db, plan, await reachOf(db, plan, stores));
      watches.push(...marking.watches);
      marts.push(toBeBuilt(plan, marking.marked_by));
    }
    return marts;
  });
  await attachMarkers(db, watches);
  return { built, watches };
}

function toBeBuilt(plan: Planned, marked_by: readonly string[]): Built {
  const { name, kind, store, hash, documentation_hash, columns, upstream, projections, mart } = plan;
  const { key, grain, owner, freshness_s } = mart;
  const identity = {
    name,
    kind,
    store,
    hash,
    documentation_hash,
    columns,
    upstream,
    projections,
    key,
    grain,
    owner,
    freshness_s,
  };
  return { ...identity, bucket: mart.bucket ?? [], marked_by, positions: {}, rows: null };
}

// Marts beneath that are not built anew are refreshed along, so that the whole family is exact at the same positions.
async function fill(
  db: Executor,
  planned: readonly Planned[],
  fresh: readonly Built[],
  registered: readonly Built[],
): Promise<Refreshing[]> {
  const names = new Set(fresh.map((mart) => mart.name));
  const stores = new Map([...registered, ...fresh].map((mart) => [mart.store, mart]));
  const filled: Refreshing[] = [];
  for (const family of families(planned.flatMap((plan) => stores.get(plan.store) ?? []))) {
    if (!family.some((mart) => names.has(mart.name))) continue;
    const locks = family.map((mart) => mart.name);
    await lockAll(db, locks);
    const done = await refreshFamily(db, await countedNow(db, family), [...registered, ...fresh]);
    await unlockAll(db, locks);
    for (const { mart, result } of done) if (names.has(mart.name) && result.error !== undefined) throw new Invalid(result.error);
    filled.push(...done.filter(({ mart }) => names.has(mart.name)));
  }
  return filled;
}

async function countedNow(db: Executor, family: readonly Built[]): Promise<Built[]> {
  const now = new Map((await registeredMarts(db)).map((mart) => [mart.store, mart]));
  return family.map((mart) => now.get(mart.store) ?? mart);
}

async function putInPlace(
  db: Executor,
  changed: readonly Planned[],
  filled: readonly Refreshing[],
  removed: readonly string[],
): Promise<void> {
  const names = [...changed.map((plan) => plan.name), ...removed];
  if (names.length === 0) return;
  await lockAll(db, names);
  await withShortLocks(db, () => swap(db, changed, filled, removed));
  await unlockAll(db, names);
}
