import type { Executor } from "@jukebase/platform/executor.ts";
import { listed } from "./quote.ts";
import type { Built } from "./registry.ts";
import { inStore } from "./store.ts";

/** Rows that a merge really wrote. */
export type Merged = { readonly inserted: number; readonly updated: number; readonly deleted: number };

/**
 * Merges the temporary table `fresh` into a rollup's store: new rows in, differing rows changed, and rows that are no longer computed
 * removed, from among `standing` (a query for the store's rows that were computed anew). Equal rows are not touched.
 */
export async function mergeFresh(db: Executor, mart: Built, standing: string): Promise<Merged> {
  const others = mart.columns.filter((column) => !mart.key.includes(column));
  const [answer] = await db.query<Record<keyof Merged, string>>(`
    with merged as (
      merge into ${inStore(mart.store)} as kept
      using (
        select ${listed(mart.columns)}, false as gone
        from fresh
        union all
        select ${listed(mart.columns, "standing")}, true as gone
        from (${standing}) as standing
        where not exists (select from fresh where ${sameKey(mart, "fresh", "standing")})
      ) as found
      on ${sameKey(mart, "kept", "found")}
      when matched and found.gone then delete
      ${others.length === 0 ? "" : updateOf(others)}
      when not matched then insert (${listed(mart.columns)}) values (${listed(mart.columns, "found")})
      returning merge_action() as action
    )
    select
      count(*) filter (where action = 'INSERT')::text as inserted,
      count(*) filter (where action = 'UPDATE')::text as updated,
      count(*) filter (where action = 'DELETE')::text as deleted
    from merged`);
  return { inserted: Number(answer?.inserted), updated: Number(answer?.updated), deleted: Number(answer?.deleted) };
}

function updateOf(columns: readonly string[]): string {
  const assignments = columns.map((column) => `${listed([column])} = ${listed([column], "found")}`).join(", ");
  return `when matched and row(${listed(columns, "kept")}) is distinct from row(${listed(columns, "found")}) then update set ${assignments}`;
}

function sameKey(mart: Built, left: string, right: string): string {
  return mart.key.map((column) => `${listed([column], left)} = ${listed([column], right)}`).join(" and ");
}
