import type { Executor } from "@jukebase/platform/executor.ts";
import type { Parts, Planned, Words } from "./plan.ts";

/** What a store was built from, as its author wrote it. */
export type MartText = { readonly parts: Parts; readonly words: Words };

/** What is kept of every store, by its name. Stores built before texts were kept have none until the next build. */
export async function keptTexts(db: Executor): Promise<ReadonlyMap<string, MartText>> {
  const rows = await db.query<{ store: string; text: string }>(
    "select store, jsonb_build_object('parts', parts, 'words', words)::text as text from marts_store.mart_text",
  );
  return new Map(rows.map(({ store, text }) => [store, JSON.parse(text) as MartText]));
}

/** Keeps what the marts are built from; what was kept of the same stores is replaced. */
export async function keepTexts(db: Executor, marts: readonly Planned[]): Promise<void> {
  for (const { store, parts, words } of marts) {
    await db.query(
      `insert into marts_store.mart_text (store, parts, words) values ($1, $2, $3)
       on conflict (store) do update set parts = excluded.parts, words = excluded.words`,
      [store, JSON.stringify(parts), JSON.stringify(words)],
    );
  }
}

/** Keeps the texts of marts that stand but were built before texts were kept. */
export async function keepMissingTexts(db: Executor, standing: readonly Planned[]): Promise<void> {
  const rows = await db.query<{ store: string }>("select store from marts_store.mart_text");
  const kept = new Set(rows.map(({ store }) => store));
  await keepTexts(
    db,
    standing.filter(({ store }) => !kept.has(store)),
  );
}
