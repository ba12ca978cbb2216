import { Conflict, Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { dropGone, forgetBroken, withoutView } from "./broken.ts";
import { prepareSchema, schemaOf } from "./environments.ts";
import { declareReferences } from "./foreign-keys.ts";
import { type MartListener, type Telling, tellingBuild } from "./listener.ts";
import { attachMarkers, createMarkers, type Watch } from "./marking.ts";
import { families } from "./order.ts";
import { partOfPlan } from "./partial.ts";
import { type Planned, planMarts, type Schemas } from "./plan.ts";
import { reachOf } from "./reach.ts";
import { type Refreshing, refreshFamily } from "./refresh.ts";
import { type Built, everyMart, liveSchema, lockOf, registeredMarts } from "./registry.ts";
import { retireOrphans } from "./retire.ts";
import { lockAll, session, unlockAll, within, withShortLocks } from "./session.ts";
import { createStore, inStore } from "./store.ts";
import { documentAnew, type Swapping, swap } from "./swap.ts";

/** What a build did, by name. `leftBehind`: old stores that readers still held; the next build removes them. */
export type Build = {
  readonly built: readonly string[];
  readonly unchanged: readonly string[];
  /** Put in place without being built: another environment has them already. */
  readonly shared: readonly string[];
  readonly removed: readonly string[];
  readonly leftBehind: boolean;
  /** The one moment in which readers may have had to wait; undefined when nothing was swapped. */
  readonly swap: Swap | undefined;
};

/** What a swap held: for how long, strong locks on how many relations, and how often it had to let go and try again before. */
export type Swap = { readonly held_ms: number; readonly locks: number; readonly attempts: number };

/** Looks at marts that are about to be put in place, and says what is wrong with them; `where` tells the SQL name of a relation then. */
export type Accept = (
  db: Executor,
  marts: readonly Mart[],
  where: (schema: string, relation: string) => string | undefined,
) => Promise<readonly string[]>;

/** What was built is not put in place, since `accept` found something wrong with it; the marts of before serve on. */
export class RefusedByTests extends Conflict {}

/**
 * `schemas`: which projection writes which schema. `env`: the environment, if not the marts that everybody reads. `select`: the marts to
 * build, if not all (see `partOfPlan`); nothing is removed then.
 */
export type BuildOptions = {
  readonly schemas: Schemas;
  readonly env?: string;
  readonly accept?: Accept;
  readonly select?: (name: string) => boolean;
  /** Hears of each mart that is built. */
  readonly listener?: MartListener | undefined;
};

/**
 * Makes an environment have exactly these marts. What is new or whose definition changed is built, with all that stands on it, beside the
 * old; filled at one snapshot; tested; and put in place in one short transaction. Until then, and if anything fails, the old marts serve.
 * What another environment has built the same is shared. Throws Invalid with file and line on what is wrong in a mart, RefusedByTests when
 * `accept` finds something. One build at a time: another waits, unless it finds everything built.
 */
export async function buildMarts(pool: pg.Pool, marts: readonly Mart[], options: BuildOptions): Promise<Build> {
  return tellingBuild(options.listener, (tell) => buildTelling(pool, marts, options, tell));
}

async function buildTelling(pool: pg.Pool, marts: readonly Mart[], options: BuildOptions, tell: Telling): Promise<Build> {
  const { select } = options;
  const schema = schemaOf(options.env);
  return session(pool, async (db) => {
    if (!(await lockAll(db, ["/builder"], false))) {
      const standing = await asBuilt(db, marts, options.schemas, schema);
      if (standing !== undefined) return standing;
      await lockAll(db, ["/builder"]);
    }
    await forgetBroken(db);
    await retireOrphans(db);
    await prepareSchema(db, schema);
    const all = await planMarts(db, marts, options.schemas);
    const everywhere = await everyMart(db);
    const registered = everywhere.filter((mart) => mart.schema === schema);
    const stores = new Set(everywhere.map(({ store }) => store));
    const planned = select === undefined ? all : partOfPlan(all, { registered, stores, selected: select });
    const unseen = await withoutView(db, registered);
    const changed = planned.filter((plan) => !registered.some(({ store }) => store === plan.store && !unseen.has(store)));
    const fresh = changed.filter((plan) => !stores.has(plan.store));
    const shared = changed.flatMap((plan) => sharedBy(plan, everywhere, schema));
    const removed = select === undefined ? registered.filter(({ name }) => !planned.some((plan) => plan.name === name)) : [];
    const { built: empty } = await prepare(db, planned, fresh, schema);
    const filled = await fill(db, planned, empty, everywhere, tell);
    await refuseWrong(db, changed, options.accept);
    const swapping = { schema, changed, filled, shared, removed };
    const swapped = await putInPlace(db, swapping, registered);
    await documentAnew(
      db,
      planned.filter((plan) => !changed.includes(plan) && (select?.(plan.name) ?? true)),
      registered,
    );
    await declareReferences(db, planned);
    await dropGone(db);
    const retired = changed.length + removed.length === 0 || (await retireOrphans(db));
    const built = fresh.map((plan) => plan.name);
    return {
      built,
      unchanged: planned.filter((plan) => !changed.includes(plan)).map((plan) => plan.name),
      shared: shared.map(({ name }) => name),
      removed: removed.map(({ name }) => name),
      leftBehind: !retired,
      swap: swapped,
    };
  });
}

// A rebuild holds the builder's lock for long; who only opens the installation need not wait for it.
async function asBuilt(db: Executor, marts: readonly Mart[], schemas: Schemas, schema: string): Promise<Build | undefined> {
  const planned = await planMarts(db, marts, schemas);
  const registered = await registeredMarts(db, schema);
  if ((await withoutView(db, registered)).size > 0) return undefined;
  const stands = (plan: Planned): boolean =>
    registered.some((mart) => mart.store === plan.store && mart.documentation_hash === plan.documentation_hash);
  if (planned.length !== registered.length || !planned.every(stands)) return undefined;
  const unchanged = planned.map(({ name }) => name);
  return { built: [], unchanged, shared: [], removed: [], leftBehind: false, swap: undefined };
}

/** Empty stores whose triggers already watch: every write that the filling snapshot does not see leaves its mark. */
export async function prepare(
  db: Executor,
  planned: readonly Planned[],
  changed: readonly Planned[],
  schema: string = liveSchema,
): Promise<{ readonly built: readonly Built[]; readonly watches: readonly Watch[] }> {
  const stores = new Map(planned.map((plan) => [plan.store, plan.name]));
  const watches: Watch[] = [];
  const built = await within(db, "read committed", async () => {
    for (const plan of changed) await createStore(db, plan);
    const marts: Built[] = [];
    for (const plan of changed) {
      const marking = await createMarkers(db, plan, await reachOf(db, plan, stores));
      watches.push(...marking.watches);
      marts.push(toBeBuilt(plan, marking.marked_by, schema));
    }
    return marts;
  });
  await attachMarkers(db, watches);
  return { built, watches };
}

// What the environment has itself, and only lost the view of, stays as it is registered.
function sharedBy(plan: Planned, everywhere: readonly Built[], schema: string): Built[] {
  const standing = everywhere.filter(({ store }) => store === plan.store);
  return standing.some((mart) => mart.schema === schema) ? [] : standing.slice(0, 1);
}

function toBeBuilt(plan: Planned, marked_by: readonly string[], schema: string): Built {
  const { name, kind, store, hash, documentation_hash, columns, upstream, projections, mart } = plan;
  const { key, grain, owner, freshness_s } = mart;
  const identity = {
    schema,
    name,
    lock: lockOf(schema, name),
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
  const unfilled = { positions: {}, read_in: {}, rows: null, refreshed_at: null, usual_ms: null };
  const unfailed = { stale: false, tries: 0, retry_at: null, waits_for: null };
  return {
    ...identity,
    ...unfilled,
    ...unfailed,
    bucket: mart.bucket ?? [],
    history: mart.history ?? null,
    refresh: mart.refresh ?? null,
    marked_by,
  };
}

// Marts beneath that are not built anew are refreshed along, so that the whole family is exact at the same positions.
async function fill(
  db: Executor,
  planned: readonly Planned[],
  fresh: readonly Built[],
  registered: readonly Built[],
  tell: Telling,
): Promise<Refreshing[]> {
  const names = new Set(fresh.map((mart) => mart.name));
  const stores = new Map([...registered, ...fresh].map((mart) => [mart.store, mart]));
  const filled: Refreshing[] = [];
  for (const family of families(planned.flatMap((plan) => stores.get(plan.store) ?? []))) {
    if (!family.some((mart) => names.has(mart.name))) continue;
    const locks = family.map((mart) => mart.lock);
    await lockAll(db, locks);
    tell.started(family.filter((mart) => names.has(mart.name)));
    const done = await refreshFamily(db, await countedNow(db, family), [...registered, ...fresh]);
    await unlockAll(db, locks);
    tell.ended(done);
    for (const { mart, result } of done) if (names.has(mart.name) && result.error !== undefined) throw new Invalid(result.error);
    filled.push(...done.filter(({ mart }) => names.has(mart.name)));
  }
  return filled;
}

async function countedNow(db: Executor, family: readonly Built[]): Promise<Built[]> {
  const now = new Map((await everyMart(db)).map((mart) => [mart.store, mart]));
  return family.map((mart) => now.get(mart.store) ?? mart);
}

async function refuseWrong(db: Executor, changed: readonly Planned[], accept: Accept | undefined): Promise<void> {
  if (accept === undefined || changed.length === 0) return;
  const stores = new Map(changed.map(({ name, store }) => [name, store]));
  const marts = changed.map(({ mart }) => mart);
  const wrong = await accept(db, marts, (schema, relation) => {
    const store = schema === liveSchema ? stores.get(relation) : undefined;
    return store === undefined ? undefined : inStore(store);
  });
  if (wrong.length === 0) return;
  throw new RefusedByTests(`Nothing was put in place, the marts of before serve on, since tests fail:\n${wrong.join("\n")}`);
}

async function putInPlace(db: Executor, swapping: Swapping, registered: readonly Built[]): Promise<Swap | undefined> {
  const { changed, shared, removed } = swapping;
  if (changed.length + removed.length === 0) return undefined;
  const replaced = registered.filter(({ name }) => changed.some((plan) => plan.name === name));
  const locks = [...new Set([...replaced, ...shared, ...removed].map(({ lock }) => lock))];
  await lockAll(db, locks);
  let [began_ms, attempts] = [0, 0];
  const held = await withShortLocks(db, async () => {
    [began_ms, attempts] = [performance.now(), attempts + 1];
    await swap(db, swapping);
    return strongLocks(db);
  });
  const held_ms = Number((performance.now() - began_ms).toFixed(1));
  await unlockAll(db, locks);
  return { held_ms, locks: held, attempts };
}

// How many relations, outside of the server's own, nobody else could read at the end of the transaction.
async function strongLocks(db: Executor): Promise<number> {
  const [row] = await db.query<{ locks: string }>(
    `select count(*)::text as locks
     from pg_locks
     where pid = pg_backend_pid() and locktype = 'relation' and mode = 'AccessExclusiveLock' and relation >= 16384`,
  );
  return Number(row?.locks);
}
