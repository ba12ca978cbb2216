import { Conflict, type Executor } from "@jukebase/platform";

/**
 * Throws Conflict when a schema holds something that a rebuild would not bring along, or when something outside stands on its tables
 * and would go on standing on the old ones: each is named.
 */
export async function refuseUncopyable(db: Executor, schema: string): Promise<void> {
  const found = await db.query<{ what: string }>(uncopyable, [schema]);
  if (found.length === 0) return;
  const list = found.map(({ what }) => what).join(", ");
  throw new Conflict(
    `The schema ${schema} cannot be rebuilt beside the live one, because of: ${list}. Drop these first, and make them again afterwards; views of your own should read marts instead.`,
  );
}

const uncopyable = `
  select case relkind when 'v' then 'the view ' when 'm' then 'the materialized view ' when 'S' then 'the sequence ' else 'the relation ' end
    || pg_class.oid::regclass as what
  from pg_class
  where relnamespace = $1::regnamespace
    and relkind not in ('r', 'i')
    and not (relkind = 'S' and exists (select from pg_depend where objid = pg_class.oid and deptype = 'i'))
  union all
  select 'the trigger ' || tgname || ' on ' || tgrelid::regclass
  from pg_trigger
  join pg_class on pg_class.oid = tgrelid
  join pg_proc on pg_proc.oid = tgfoid
  where relnamespace = $1::regnamespace and not tgisinternal and pronamespace <> 'marts_store'::regnamespace
  union all
  select 'the policy ' || polname || ' on ' || polrelid::regclass
  from pg_policy
  join pg_class on pg_class.oid = polrelid
  where relnamespace = $1::regnamespace
  union all
  select distinct 'the view ' || view.oid::regclass
  from pg_depend
  join pg_rewrite on pg_rewrite.oid = objid
  join pg_class as view on view.oid = ev_class
  join pg_class as base on base.oid = refobjid
  where classid = 'pg_rewrite'::regclass
    and refclassid = 'pg_class'::regclass
    and base.relnamespace = $1::regnamespace
    and view.relnamespace not in ($1::regnamespace, 'marts_store'::regnamespace)
    and view.relpersistence <> 't'
  union all
  select 'the reference ' || conname || ' of ' || conrelid::regclass
  from pg_constraint
  join pg_class on pg_class.oid = confrelid
  where contype = 'f' and relnamespace = $1::regnamespace and connamespace <> $1::regnamespace
  order by 1`;
