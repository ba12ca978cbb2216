import type { Executor } from "@jukebase/platform/executor.ts";
import { testId } from "./domain-graph.ts";

/** How the last refresh of each mart and the last run of each test ended, by id in the graph: what `result:` compares. */
export async function lastResults(db: Executor): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const marts = await db.query<{ name: string; result: string }>(
    `select
       name,
       case when status = 'failed' then 'error' when stale then 'skipped' else 'success' end as result
     from marts_store.mart
     where schema = 'marts'`,
  );
  const tests = await db.query<{ name: string; result: string }>("select name, status as result from marts_store.test");
  const results = [
    ...marts.map(({ name, result }) => [`mart.${name}`, new Set([result])] as const),
    ...tests.map(({ name, result }) => [testId(name), new Set([result])] as const),
  ];
  return new Map(results);
}
