import { Conflict, NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { findBroken, withoutView } from "../broken.ts";
import { schemaOf } from "../environments.ts";
import { createMarkers } from "../marking.ts";
import { type Planned, planMarts, type Schemas } from "../plan.ts";
import { reachOf } from "../reach.ts";
import { registeredMarts } from "../registry.ts";
import { lockAll, session } from "../session.ts";
import { createStore } from "../store.ts";
import { keptTexts } from "../texts.ts";
import { type MartChange, martChanges, type Standing } from "./changes.ts";
import { diffRows, type RowDiff } from "./rows.ts";
import { statesOf } from "./states.ts";

/** What a build would change, and of the marts asked for, how their rows would differ. */
export type MartDiff = { readonly changes: readonly MartChange[]; readonly rows: readonly RowDiff[] };

/** `schemas` and `env` as for a build. `ground`: what a build finds done before it begins, seeds loaded say; taken back as well. */
type Ground = {
  readonly schemas: Schemas;
  readonly env?: string | undefined;
  readonly ground?: ((db: Executor) => Promise<void>) | undefined;
};

/** `data`: the marts whose rows are to be compared; `comparing` is told of each before it begins. */
export type DiffOptions = Ground & { readonly data?: readonly string[]; readonly comparing?: (name: string) => void };

/**
 * What a build of these marts would change. Changes nothing itself: what is new or changed is created empty, so that whatever a build
 * would refuse in it is refused here with the same words, and taken back. Throws Invalid with file and line on what is wrong in a mart,
 * NotFound for unknown names in `data`, Conflict while a build is under way.
 */
export async function diffMarts(pool: pg.Pool, marts: readonly Mart[], options: DiffOptions): Promise<MartDiff> {
  const { data = [], comparing = () => {} } = options;
  return session(pool, async (db) => {
    if (!(await lockAll(db, ["/builder"], false))) throw new Conflict("A build of marts is under way; compare when it is done.");
    return planned(db, marts, options, async (plans, standing) => {
      for (const name of data) if (!plans.some((plan) => plan.name === name)) throw new NotFound(`There is no mart ${name}.`);
      const changed = plans.filter((plan) => !standing.registered.some(({ store }) => store === plan.store));
      if (standing.broken.size === 0) await aside(db, () => tryStores(db, plans, changed));
      const rows: RowDiff[] = [];
      for (const name of data) {
        comparing(name);
        rows.push(await aside(db, () => diffRows(db, name, { planned: plans, changed, ...standing })));
      }
      return { changes: martChanges(plans, standing), rows };
    });
  });
}

/** What `state:` compares: see `statesOf`. */
export async function martStates(
  pool: pg.Pool,
  marts: readonly Mart[],
  options: Ground,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  return session(pool, (db) => planned(db, marts, options, async (plans, standing) => statesOf(plans, standing)));
}

// At one snapshot, and nothing of it stays.
async function planned<T>(
  db: Executor,
  marts: readonly Mart[],
  { schemas, env, ground }: Ground,
  work: (plans: readonly Planned[], standing: Standing) => Promise<T>,
): Promise<T> {
  await db.query("begin isolation level repeatable read");
  try {
    await ground?.(db);
    return await work(await planMarts(db, marts, schemas), await readStanding(db, schemaOf(env)));
  } finally {
    await db.query("rollback");
  }
}

async function readStanding(db: Executor, schema: string): Promise<Standing> {
  const registered = await registeredMarts(db, schema);
  const { broken } = await findBroken(db);
  const unseen = await withoutView(db, registered);
  return { registered, texts: await keptTexts(db), broken: new Set([...broken, ...unseen]) };
}

// A store may be there already: another environment's, or one of a build that was cut short.
async function tryStores(db: Executor, plans: readonly Planned[], changed: readonly Planned[]): Promise<void> {
  const rows = await db.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = 'marts_store'::regnamespace",
  );
  const there = new Set(rows.map(({ name }) => name));
  const fresh = changed.filter(({ store }) => !there.has(store));
  const stores = new Map(plans.map((plan) => [plan.store, plan.name]));
  for (const plan of fresh) await createStore(db, plan);
  for (const plan of fresh) await createMarkers(db, plan, await reachOf(db, plan, stores));
}

// What it makes is gone when it is done.
async function aside<T>(db: Executor, work: () => Promise<T>): Promise<T> {
  await db.query("savepoint aside");
  try {
    return await work();
  } finally {
    await db.query("rollback to savepoint aside");
  }
}
