import type { Executor } from "@jukebase/platform/executor.ts";
import { codeOf, withShortLocks } from "./session.ts";
import { inStore } from "./store.ts";

/**
 * Removes stores that no registered mart stands on: what a swap replaced, or what a build that failed left. Triggers go in the same
 * transaction as the tables they write to. False when readers or writers held on for too long; the next build tries again.
 */
export async function retireOrphans(db: Executor): Promise<boolean> {
  try {
    await withShortLocks(db, async () => {
      for (const { name } of await db.query<{ name: string }>(orphanedFunctions)) await db.query(`drop function ${inStore(name)} () cascade`);
      for (const { name, kind } of await db.query<{ name: string; kind: string }>(orphanedRelations)) {
        await db.query(`drop ${kind} if exists ${inStore(name)} cascade`);
      }
      await db.query("delete from marts_store.mark where store not in (select store from marts_store.mart)");
    });
    return true;
  } catch (failure) {
    if (codeOf(failure) === lockNotAvailable) return false;
    throw failure;
  }
}

const lockNotAvailable = "55P03";

// Cascades stay among orphans: whatever stands on a store of an older definition is itself of an older definition.
const orphanedRelations = `
  select
    class.relname::text as name,
    case class.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind
  from pg_class as class
  where class.relnamespace = 'marts_store'::regnamespace
    and class.relkind in ('r', 'v', 'm')
    and class.relname not in ('mart', 'mark')
    and regexp_replace(class.relname, '__(definition|dirty)$', '') not in (select store from marts_store.mart)
  order by class.oid desc`;

const orphanedFunctions = `
  select proc.proname::text as name
  from pg_proc as proc
  where proc.pronamespace = 'marts_store'::regnamespace
    and regexp_replace(proc.proname, '__on_[0-9]+$', '') not in (select store from marts_store.mart)
  order by 1`;
