import type { Executor } from "@jukebase/platform/executor.ts";
import { literal } from "./quote.ts";
import type { Built } from "./registry.ts";
import { dirtyOf, inStore } from "./store.ts";

/** What is to be computed of a store, as seen in the caller's transaction: some buckets, or the whole; `empty`: it was never filled. */
export type Marks = { readonly buckets: boolean; readonly whole: boolean; readonly empty: boolean };

/** The marts in groups of which each reads only earlier ones: what a group writes marks only what comes after it. */
export function levelsOf<T extends { readonly name: string; readonly upstream: readonly string[] }>(marts: readonly T[]): T[][] {
  const depth = new Map<string, number>();
  const levels: T[][] = [];
  for (const mart of marts) {
    const level = 1 + Math.max(-1, ...mart.upstream.map((name) => depth.get(name) ?? -1));
    depth.set(mart.name, level);
    levels[level] = [...(levels[level] ?? []), mart];
  }
  return levels;
}

/** The marks of stores, asked for in one query; views have none. */
export async function marksOf(db: Executor, marts: readonly Built[]): Promise<ReadonlyMap<string, Marks>> {
  const questions = marts.filter(({ kind }) => kind !== "view").map(question);
  if (questions.length === 0) return new Map();
  const rows = await db.query<Marks & { store: string }>(questions.join(" union all "));
  return new Map(rows.map(({ store, buckets, whole, empty }) => [store, { buckets, whole, empty }]));
}

// Whether a table was filled says the registry, which counts its rows; of a materialized view the server says it.
function question(mart: Built): string {
  const store = literal(mart.store);
  const buckets = mart.kind === "rollup" ? `exists (select from ${inStore(dirtyOf(mart))})` : "false";
  const empty =
    mart.kind === "materialized"
      ? `not (select relispopulated from pg_class where oid = ${literal(inStore(mart.store))}::regclass)`
      : `${mart.rows === null}`;
  return `select ${store} as store, ${buckets} as buckets, exists (select from marts_store.mark where store = ${store}) as whole, ${empty} as empty`;
}
