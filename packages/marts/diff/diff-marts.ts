import { Conflict, NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
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

/** `schemas` and `env` as for a build. `data`: the marts whose rows are to be compared. */
export type DiffOptions = { readonly schemas: Schemas; readonly env?: string; readonly data?: readonly string[] };

/**
 * What a build of these marts would change. Changes nothing itself: what is new or changed is created empty, so that whatever a build
 * would refuse in it is refused here with the same words, and taken back. Throws Invalid with file and line on what is wrong in a mart,
 * NotFound for unknown names in `data`, Conflict while a build is under way.
 */
export async function diffMarts(
  pool: pg.Pool,
  marts: readonly Mart[],
  { schemas, env, data = [] }: DiffOptions,
): Promise<MartDiff> {
  return session(pool, async (db) => {
    if (!(await lockAll(db, ["/builder"], false))) throw new Conflict("A build of marts is under way; compare when it is done.");
    const planned = await planMarts(db, marts, schemas);
    for (const name of data) if (!planned.some((plan) => plan.name === name)) throw new NotFound(`There is no mart ${name}.`);
    const { stores, ...standing } = await readStanding(db, env);
    const changed = planned.filter((plan) => !standing.registered.some(({ store }) => store === plan.store));
    await undone(db, () =>
      tryStores(
        db,
        planned,
        changed.filter(({ store }) => !stores.has(store)),
      ),
    );
    const rows: RowDiff[] = [];
    for (const name of data) rows.push(await undone(db, () => diffRows(db, name, { planned, changed, ...standing })));
    return { changes: martChanges(planned, standing), rows };
  });
}

/** What `state:` compares: see `statesOf`. */
export async function martStates(
  db: Executor,
  marts: readonly Mart[],
  { schemas, env }: Omit<DiffOptions, "data">,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  return statesOf(await planMarts(db, marts, schemas), await readStanding(db, env));
}

async function readStanding(db: Executor, env: string | undefined): Promise<Standing & { readonly stores: ReadonlySet<string> }> {
  const registered = await registeredMarts(db, schemaOf(env));
  // Those of other environments, and of a build that was cut short.
  const stores = await db.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = 'marts_store'::regnamespace",
  );
  return { registered, texts: await keptTexts(db), stores: new Set(stores.map(({ name }) => name)) };
}

async function tryStores(db: Executor, planned: readonly Planned[], fresh: readonly Planned[]): Promise<void> {
  const stores = new Map(planned.map((plan) => [plan.store, plan.name]));
  for (const plan of fresh) await createStore(db, plan);
  for (const plan of fresh) await createMarkers(db, plan, await reachOf(db, plan, stores));
}

// At one snapshot, and nothing of it stays.
async function undone<T>(db: Executor, work: () => Promise<T>): Promise<T> {
  await db.query("begin isolation level repeatable read");
  try {
    return await work();
  } finally {
    await db.query("rollback");
  }
}
