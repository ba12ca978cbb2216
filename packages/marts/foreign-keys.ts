import type { Executor } from "@jukebase/platform/executor.ts";
import type { MartReference } from "@jukebase/platform/mart.ts";
import type { Planned } from "./plan.ts";
import { listed, quoted } from "./quote.ts";
import { withShortLocks } from "./session.ts";
import { inStore } from "./store.ts";

/** A foreign key between two stores, by the name of its constraint. */
type Declared = { readonly store: string; readonly name: string; readonly sql: string };

/**
 * Declares, not enforced, the references between marts that are tables with that key, so that tools which look for keys find them; takes
 * away those that are no longer said. They are checked by tests, not by the server: a fact may be written before its dimension.
 */
export async function declareReferences(db: Executor, planned: readonly Planned[]): Promise<void> {
  const wanted = planned.flatMap((plan) =>
    (plan.mart.references ?? []).flatMap((reference) => declared(plan, reference, planned)),
  );
  const present = await db.query<{ store: string; name: string }>(
    `select conrelid::regclass::text as store, conname::text as name
     from pg_constraint
     where contype = 'f' and connamespace = 'marts_store'::regnamespace`,
  );
  const isPresent = (name: string): boolean => present.some((one) => one.name === name);
  for (const { store, name } of present) {
    if (wanted.some((one) => one.name === name)) continue;
    await withShortLocks(db, () => db.query(`alter table ${store} drop constraint ${quoted(name)}`));
  }
  for (const { store, name, sql } of wanted) {
    if (isPresent(name)) continue;
    await withShortLocks(db, () => db.query(`alter table ${inStore(store)} add constraint ${quoted(name)} ${sql}`));
  }
}

// A name that both ends' definitions are in: a new one of either is another constraint.
function declared(
  { mart, store }: Planned,
  { columns, mart: target, to }: MartReference,
  planned: readonly Planned[],
): Declared[] {
  const referred = planned.find(({ name }) => name === target);
  const isTable = (kind: string | undefined): boolean => kind === "rollup";
  const isKey = referred !== undefined && [...to].sort().join() === [...referred.mart.key].sort().join();
  if (referred === undefined || !isTable(mart.kind) || !isTable(referred.kind) || !isKey) return [];
  const name = `${store.slice(-8)}_${referred.store.slice(-8)}_${columns.join("_")}`.slice(0, 63);
  return [
    {
      store,
      name,
      sql: `foreign key (${listed(columns)}) references ${inStore(referred.store)} (${listed(to)}) not enforced`,
    },
  ];
}
