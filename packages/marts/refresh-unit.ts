import type { Executor } from "@jukebase/platform/executor.ts";
import { type Ground, groundOf } from "./ground.ts";
import { inOrder, withUpstream } from "./order.ts";
import type { RefreshOptions } from "./refresh.ts";
import { skipped } from "./refresh-mart.ts";
import { type Footing, type Known, type Refresh, refreshOn } from "./refreshing.ts";
import { type Built, everyMart, liveSchema, positionsOf } from "./registry.ts";
import { agreed, readInOf, readNow } from "./service/agreement.ts";
import { abandonRun, beginRun, forgetRun, type Run } from "./service/run.ts";
import type { Unit } from "./service/units.ts";
import { lockAll, unlockAll, within } from "./session.ts";

/**
 * Refreshes the marts of a unit in one transaction, with what must come along. `registered`: every mart of the environment. When what the
 * unit reads was not all brought up in one snapshot, which a refresh of single marts by hand can leave behind, all of that comes along.
 */
export async function refreshUnit(
  db: Executor,
  unit: Unit<Built>,
  registered: readonly Built[],
  options: RefreshOptions,
): Promise<Refresh[]> {
  const members = new Set([...unit.marts, ...unit.along]);
  const marts = inOrder(registered).filter((mart) => members.has(mart));
  const kept = marts.filter(({ kind }) => kind !== "view");
  if (kept.length === 0) return marts.map(({ name }) => skipped(name, "computed when read"));
  const locks = kept.map(({ lock }) => lock);
  if (!(await lockAll(db, locks, options.wait ?? true)))
    return marts.map(({ name }) => skipped(name, "another refresh holds it"));
  // When it fails, the locks go with the session: one more query on a connection that broke would only hide why.
  const done = await inOneRun(db, unit.key, kept, options, (run) => refreshTogether(db, marts, options, run));
  await unlockAll(db, locks);
  if (done === "built anew") return marts.map(({ name }) => skipped(name, "built anew meanwhile"));
  if (done !== "disagrees") return done;
  const all = withUpstream(
    registered,
    unit.marts.map(({ name }) => name),
  );
  return refreshUnit(db, { ...unit, along: all.filter((mart) => !unit.marts.includes(mart)) }, registered, options);
}

/** What came of an attempt: results, or why there are none and nothing was done. */
type Done = Refresh[] | "built anew" | "disagrees";

async function inOneRun(
  db: Executor,
  key: string,
  kept: readonly Built[],
  { asked = { reason: "event" }, units }: RefreshOptions,
  work: (run: Run | undefined) => Promise<Done>,
): Promise<Done> {
  if (kept.some(({ schema }) => schema !== liveSchema))
    return within(db, "repeatable read", () => work(undefined), settings(kept));
  const run = await beginRun(db, key, kept, asked);
  try {
    const done = await within(db, "repeatable read", () => work(run), settings(kept, units !== undefined));
    if (typeof done === "string") await forgetRun(db, run);
    return done;
  } catch (failure) {
    // Where the connection is gone, whoever refreshes these marts next finds out.
    await abandonRun(db, run, (failure as Error).message).catch(() => {});
    throw failure;
  }
}

/** One statement of a refresh that nobody waits for may take this long; each further try of a mart that failed gives it twice that. */
const statement_s = 600;

// A lock that somebody holds for half a minute is not waited for, and a process that stands still gives up its snapshot.
function settings(kept: readonly Built[], routine = false): string {
  const tries = Math.max(...kept.map((mart) => mart.tries));
  const limit_s = routine ? statement_s * 2 ** Math.min(5, tries) : 0;
  return `set local jit = off; set local lock_timeout = '30s'; set local idle_in_transaction_session_timeout = '60s';
    set local statement_timeout = '${limit_s}s'`;
}

async function refreshTogether(
  db: Executor,
  marts: readonly Built[],
  { asked = { reason: "event" }, schema = liveSchema, units }: RefreshOptions,
  run: Run | undefined,
): Promise<Done> {
  const [ground, all] = [await groundOf(db), await everyMart(db)];
  const registered = inOrder(all.filter((mart) => mart.schema === schema));
  // While this refresh waited for its locks, another may have counted rows, or a build put other stores in place.
  const stores = new Set(marts.map(({ store }) => store));
  const now = registered.filter(({ store }) => stores.has(store));
  if (now.length < marts.length) return "built anew";
  const beneath = knownBeneath(registered, now, ground);
  if (!agrees(now, beneath, ground)) return "disagrees";
  const footing: Footing = { ground, all, beneath, asked, patient: units !== undefined, run };
  return (await refreshOn(db, now, footing)).map(({ result }) => result);
}

// What the marts read and what is not refreshed with them, as it stands.
function knownBeneath(registered: readonly Built[], now: readonly Built[], ground: Ground): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  const refreshed = new Set(now);
  for (const mart of registered) {
    if (!refreshed.has(mart)) known.set(mart.name, mart.kind === "view" ? viewOn(mart, known, ground) : keptAs(mart));
  }
  return known;
}

function keptAs(mart: Built): Known {
  return { positions: mart.positions, read_in: readInOf(mart), held: mart.stale };
}

function viewOn(mart: Built, known: ReadonlyMap<string, Known>, { checkpoints, snapshot }: Ground): Known {
  return {
    positions: positionsOf(mart, checkpoints, { get: (name) => known.get(name)?.positions }),
    read_in: agreed([readNow(mart.projections, snapshot), ...mart.upstream.map((name) => known.get(name)?.read_in)]),
    held: mart.upstream.some((name) => known.get(name)?.held === true),
  };
}

function agrees(marts: readonly Built[], beneath: ReadonlyMap<string, Known>, { snapshot }: Ground): boolean {
  const read = new Map([...beneath].map(([name, { read_in }]) => [name, read_in]));
  for (const { name, projections, upstream } of marts)
    read.set(name, agreed([readNow(projections, snapshot), ...upstream.map((beneath) => read.get(beneath))]));
  return marts.every(({ name, kind }) => kind === "view" || read.get(name) !== undefined);
}
