import type { Executor } from "@jukebase/platform/executor.ts";

/** How the last refresh of each mart ended, by its id in the graph: what `result:` compares. */
export async function lastResults(db: Executor): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await db.query<{ id: string; result: string }>(
    `select
       'mart.' || name as id,
       case when status = 'failed' then 'error' when stale then 'skipped' else 'success' end as result
     from marts_store.mart
     where schema = 'marts'`,
  );
  return new Map(rows.map(({ id, result }) => [id, new Set([result])]));
}
