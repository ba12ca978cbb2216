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
  with wanted as (
    select name, to_regclass(name)::oid as oid, pg_get_viewdef(to_regclass(name)) as query
    from unnest($1::text[]) as wanted (name)
  ),
  used as (
    select wanted.oid, depend.refobjid as relation, array_agg(depend.refobjsubid) as attnums
    from wanted
    join pg_rewrite as rewrite on rewrite.ev_class = wanted.oid
    join pg_depend as depend on depend.classid = 'pg_rewrite'::regclass and depend.objid = rewrite.oid
    where depend.refclassid = 'pg_class'::regclass
      and depend.refobjid <> wanted.oid
    group by wanted.oid, depend.refobjid
  ),
  relations as (
    select
      used.oid,
      namespace.nspname,
      class.relname,
      jsonb_agg(
        jsonb_build_object('name', attribute.attname, 'used', attribute.attnum = any (used.attnums))
        order by attribute.attnum
      ) as columns
    from used
    join pg_class as class on class.oid = used.relation
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    join pg_attribute as attribute on attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
    group by used.oid, namespace.nspname, class.relname
  )
  select
    jsonb_build_object(
      'name', wanted.name,
      'query', wanted.query,
      'columns', (
        select jsonb_agg(attname order by attnum)
        from pg_attribute
        where attrelid = wanted.oid and attnum > 0 and not attisdropped
      ),
      'rowFunctions', coalesce(
        (select jsonb_agg(distinct proname) from pg_proc where proretset and strpos(wanted.query, proname || '(') > 0),
        '[]'
      ),
      'relations', coalesce(
        (
          select jsonb_agg(jsonb_build_object('schema', nspname, 'relation', relname, 'columns', columns) order by nspname, relname)
          from relations
          where relations.oid = wanted.oid
        ),
        '[]'
      )
    )::text as definition
  from wanted
  where wanted.oid is not null
  order by wanted.name`;
