import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { prepare } from "./build.ts";
import { dropEnvironmentsOn } from "./environments.ts";
import { readdressMarkers, type Watch } from "./marking.ts";
import { families } from "./order.ts";
import { type Beside, nameBeside, type Planned, planMarts, type Schemas } from "./plan.ts";
import { quoted } from "./quote.ts";
import { type Refreshing, refreshFamilyWithin } from "./refresh.ts";
import { type Built, liveSchema, registeredMarts } from "./registry.ts";
import { retireOrphans } from "./retire.ts";
import { lockAll, unlockAll, within } from "./session.ts";
import { inStore } from "./store.ts";
import { swap } from "./swap.ts";

/** Marts built over schemas beside the live ones: what they are, and how they stand. Nobody reads them yet. */
export type MartsBeside = {
  readonly planned: readonly Planned[];
  readonly changed: readonly Planned[];
  readonly watches: readonly Watch[];
  /** The stores' families, in order, with the marts beneath that stay as they are. */
  readonly families: readonly (readonly Built[])[];
  readonly filled: readonly Refreshing[];
  readonly next: readonly string[];
};

/** What marts are built beside: which schemas take which one's place, and the projections that write them. */
export type BesideOptions = { readonly schemas: Schemas; readonly beside: Beside; readonly projections: readonly string[] };

/**
 * Builds all marts that read the schemas, and all that stand on these, into new stores; fills them. The session holds the builder's
 * lock until the swap. Throws with the mart's name when one cannot be filled.
 */
export async function buildBeside(
  db: Executor,
  marts: readonly Mart[],
  { schemas, beside, projections }: BesideOptions,
  onFilled: (name: string) => void = () => {},
): Promise<MartsBeside> {
  await lockAll(db, ["/builder"]);
  await retireOrphans(db);
  const planned = await planMarts(db, marts, schemas, beside);
  const registered = await registeredMarts(db);
  const changed = planned.filter((plan) => !registered.some((mart) => mart.store === plan.store));
  const { built, watches } = await prepare(db, planned, changed);
  const stores = new Map([...registered, ...built].map((mart) => [mart.store, mart]));
  const fresh = new Set(built.map((mart) => mart.store));
  const grouped = families(planned.flatMap((plan) => stores.get(plan.store) ?? []));
  const empty: MartsBeside = {
    planned,
    changed,
    watches,
    families: grouped.filter((family) => family.some((mart) => fresh.has(mart.store))),
    filled: [],
    next: projections,
  };
  const filled = await refreshBeside(db, empty);
  for (const { mart } of filled.filled) onFilled(mart.name);
  return filled;
}

/** Brings the marts beside up to what their schemas hold now; one snapshot for each family. */
export async function refreshBeside(db: Executor, marts: MartsBeside): Promise<MartsBeside> {
  const names = staying(marts);
  await lockAll(db, names);
  try {
    let now = marts;
    for (const family of marts.families) now = await within(db, "repeatable read", () => refreshOne(db, now, family));
    return now;
  } finally {
    await unlockAll(db, names);
  }
}

/** The same for all families in the caller's transaction, which is repeatable read and holds `locksOf`. */
export async function refreshBesideWithin(db: Executor, marts: MartsBeside): Promise<MartsBeside> {
  let now = marts;
  for (const family of marts.families) now = await refreshOne(db, now, family);
  return now;
}

/** The marts whose locks a session holds while it swaps: nobody else refreshes these meanwhile. */
export function locksOf(marts: MartsBeside): string[] {
  return [...new Set([...marts.changed.map(({ name }) => name), ...staying(marts)])];
}

/** Where the relations are, before the swap, that it is about to put in place; undefined for all others. */
export function whereBeside(marts: MartsBeside): (schema: string, relation: string) => string | undefined {
  const beside = marts.planned[0]?.beside ?? {};
  const stores = new Map(marts.changed.map(({ name, store }) => [name, store]));
  return (schema, relation) => {
    const store = schema === "marts" ? stores.get(relation) : undefined;
    if (store !== undefined) return inStore(store);
    return schema in beside ? quoted(nameBeside(`${schema}.${relation}`, beside)) : undefined;
  };
}

/**
 * Lets the public names mean the new stores; the schemas have taken the live names already, in the same transaction. Environments that
 * stand on the old tables go with these: they are built again from their source.
 */
export async function swapBeside(db: Executor, marts: MartsBeside): Promise<void> {
  await readdressMarkers(db, marts.changed, marts.watches);
  await dropEnvironmentsOn(db, marts.next);
  await swap(db, { schema: liveSchema, changed: marts.changed, filled: marts.filled, shared: [], removed: [] });
}

async function refreshOne(db: Executor, marts: MartsBeside, family: readonly Built[]): Promise<MartsBeside> {
  const fresh = new Set(marts.changed.map(({ store }) => store));
  const registered = await registeredMarts(db);
  const known = new Map([...registered, ...marts.filled.map(asFilled)].map((mart) => [mart.store, mart]));
  const now = family.map((mart) => known.get(mart.store) ?? mart);
  const done = await refreshFamilyWithin(db, now, [...registered, ...now], marts.next);
  const failed = done.find(({ mart, result }) => fresh.has(mart.store) && result.error !== undefined);
  if (failed !== undefined) throw new Error(failed.result.error);
  const filled = done.filter(({ mart }) => fresh.has(mart.store));
  const others = marts.filled.filter(({ mart }) => !filled.some((one) => one.mart.store === mart.store));
  return { ...marts, filled: [...others, ...filled] };
}

function asFilled({ mart, rows, positions, read_in = {} }: Refreshing): Built {
  return { ...mart, rows, positions, read_in };
}

function staying({ families: grouped, changed }: MartsBeside): string[] {
  const fresh = new Set(changed.map(({ store }) => store));
  return grouped.flatMap((family) => family.filter((mart) => !fresh.has(mart.store)).map((mart) => mart.name));
}
