import type { Executor } from "@jukebase/platform/executor.ts";
import type pg from "pg";
import { groundOf } from "./ground.ts";
import { type MartListener, tellingRefreshes } from "./listener.ts";
import { families, withUpstream } from "./order.ts";
import { refreshUnit } from "./refresh-unit.ts";
import { type Refresh, type Refreshing, refreshOn } from "./refreshing.ts";
import { type Built, registeredMarts } from "./registry.ts";
import type { Asked } from "./service/run.ts";
import { type Unit, unitsOf } from "./service/units.ts";
import { session, within } from "./session.ts";

export type { Refresh, Refreshing } from "./refreshing.ts";

/**
 * `only`: these and what they stand on. `units`: the refresh service's units of these keys, those of one list in one transaction, but for what
 * failed lately. `wait: false`: what another refresh holds is left to it. `schema`: the marts of that environment. `asked`: why, and for whom, as the history tells it.
 */
export type RefreshOptions = {
  readonly only?: readonly string[];
  readonly units?: readonly (readonly string[])[];
  readonly wait?: boolean;
  readonly schema?: string;
  readonly asked?: Asked;
  /** Hears of the marts of which there was something to compute. */
  readonly listener?: MartListener | undefined;
};

/**
 * Brings the marts up to now, computing only what is marked. Marts that stand on one another are refreshed in one snapshot, so all of
 * them are exact at the same positions; one that fails is undone alone, keeps its old rows, and those above it wait.
 * Two at once are safe: the second waits, and finds nothing left to do.
 */
export async function refreshMarts(pool: pg.Pool, options: RefreshOptions = {}): Promise<Refresh[]> {
  return tellingRefreshes(options, () =>
    session(pool, async (db) => {
      const registered = await registeredMarts(db, options.schema);
      const done: Refresh[] = [];
      for (const unit of chosen(registered, options)) done.push(...(await refreshUnit(db, unit, registered, options)));
      return done;
    }),
  );
}

function chosen(registered: readonly Built[], { only, units }: RefreshOptions): Unit<Built>[] {
  if (units !== undefined) return units.flatMap((keys) => joined(unitsOf(registered).filter(({ key }) => keys.includes(key))));
  const marts = only === undefined ? registered : withUpstream(registered, only);
  return families(marts).map((family) => {
    const key = family.find(({ kind }) => kind !== "view")?.name ?? "";
    return { key, apart: false, marts: family, along: [] };
  });
}

function joined(units: readonly Unit<Built>[]): Unit<Built>[] {
  const [first] = units;
  if (first === undefined) return [];
  return [{ ...first, marts: units.flatMap(({ marts }) => marts), along: units.flatMap(({ along }) => along) }];
}

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
  const ground = await groundOf(db, next);
  return refreshOn(db, family, { ground, all, beneath: new Map(), asked: { reason: "build" }, patient: false, run: undefined });
}
