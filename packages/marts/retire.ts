import type { Executor } from "@jukebase/platform/executor.ts";
import { quoted } from "./quote.ts";
import { codeOf, withShortLocks } from "./session.ts";
import { inStore } from "./store.ts";

/**
 * Removes stores that no registered mart stands on: what a swap replaced, or what a build that failed left. Triggers go first, then
 * what they call and write to; each in a transaction of its own, so that no reader or writer can be caught in a deadlock.
 * False when one of them held on for too long, or somebody's own view stands on a store; the next build tries again.
 */
export async function retireOrphans(db: Executor): Promise<boolean> {
  try {
    for (const { relation, triggers } of await db.query<{ relation: string; triggers: string }>(orphanedTriggers)) {
      await withShortLocks(db, async () => {
        for (const trigger of JSON.parse(triggers) as string[]) await db.query(`drop trigger ${quoted(trigger)} on ${relation}`);
      });
    }
    for (const { name } of await db.query<{ name: string }>(orphanedFunctions))
      await db.query(`drop function ${inStore(name)} ()`);
    for (const { name, kind } of await db.query<{ name: string; kind: string }>(orphanedRelations)) {
      await withShortLocks(db, () => db.query(`drop ${kind} ${inStore(name)}`));
    }
    for (const table of ["mark", "mart_text"])
      await db.query(`delete from ${inStore(table)} where store not in (select store from marts_store.mart)`);
    return true;
  } catch (failure) {
    if (!held.has(codeOf(failure))) throw failure;
    return false;
  }
}

// lock_not_available, dependent_objects_still_exist
const held = new Set(["55P03", "2BP01"]);

const isOrphanedFunction = `
  proc.pronamespace = 'marts_store'::regnamespace
  and regexp_replace(proc.proname, '__on_[0-9]+$', '') not in (select store from marts_store.mart)`;

const orphanedTriggers = `
  select trigger.tgrelid::regclass::text as relation, jsonb_agg(trigger.tgname)::text as triggers
  from pg_trigger as trigger
  join pg_proc as proc on proc.oid = trigger.tgfoid
  where ${isOrphanedFunction}
  group by 1
  order by 1`;

const orphanedFunctions = `
  select proc.proname::text as name
  from pg_proc as proc
  where ${isOrphanedFunction}
  order by 1`;

// The newest first: what stands on another was created after it.
const orphanedRelations = `
  select
    class.relname::text as name,
    case class.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end as kind
  from pg_class as class
  where class.relnamespace = 'marts_store'::regnamespace
    and class.relkind in ('r', 'v', 'm')
    and class.relname ~ '__[0-9a-f]{8}(__(definition|dirty))?$'
    and regexp_replace(class.relname, '__(definition|dirty)$', '') not in (select store from marts_store.mart)
  order by class.oid desc`;
