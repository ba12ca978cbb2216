import type { Executor } from "@jukebase/platform/executor.ts";

/** A view as the server knows it. */
export type Definition = {
  readonly name: string;
  /** Its query as the server writes it: stars expanded, every name resolved. */
  readonly query: string;
  readonly columns: readonly string[];
  /** Names of the functions in it that give rows. */
  readonly rowFunctions: readonly string[];
  /** The relations it reads directly (`schema.relation`), with all their columns. */
  readonly relations: readonly UsedRelation[];
};

/** A relation that a view reads; `used`: the view's query names the column. */
export type UsedRelation = {
  readonly schema: string;
  readonly relation: string;
  readonly columns: readonly { readonly name: string; readonly used: boolean }[];
};

/** What the server says of views (`schema.view`), exact to the column: pg_rewrite's rules and what pg_depend notes of them. */
export async function definitionsOf(db: Executor, views: readonly string[]): Promise<Definition[]> {
  const rows = await db.query<{ definition: string }>(readDefinitions, [views]);
  return rows.map((row) => JSON.parse(row.definition) as Definition);
}

const readDefinitions = `
  with wanted as materialized (
    select name, to_regclass(name)::oid as oid, pg_get_viewdef(to_regclass(name)) as query
    from unnest($1::text[]) as wanted (name)
  ),
  row_functions as materialized (select distinct proname from pg_proc where proretset)
  select
    jsonb_build_object(
      'name', wanted.name,
      'query', wanted.query,
      'columns', (
        select jsonb_agg(attname order by attnum)
        from pg_attribute
        where attrelid = wanted.oid and attnum > 0 and not attisdropped
      ),
      'rowFunctions', (
        select coalesce(jsonb_agg(proname), '[]')
        from row_functions
        where strpos(wanted.query, proname || '(') > 0
      ),
      'relations', relations.list
    )::text as definition
  from wanted
  cross join lateral (
    select
      coalesce(
        jsonb_agg(
          jsonb_build_object('schema', nspname, 'relation', relname, 'columns', columns.list)
          order by nspname, relname
        ),
        '[]'
      ) as list
    from (
      select depend.refobjid as relation, array_agg(depend.refobjsubid) as attnums
      from pg_rewrite as rewrite
      join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass and depend.objid = rewrite.oid
      where rewrite.ev_class = wanted.oid
        and depend.refclassid = 'pg_class'::regclass
        and depend.refobjid <> wanted.oid
      group by depend.refobjid
    ) as used
    join pg_class as class on class.oid = used.relation
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    cross join lateral (
      select jsonb_agg(jsonb_build_object('name', attname, 'used', attnum = any (used.attnums)) order by attnum) as list
      from pg_attribute
      where attrelid = class.oid and attnum > 0 and not attisdropped
    ) as columns
  ) as relations
  where wanted.oid is not null
  order by wanted.name`;
