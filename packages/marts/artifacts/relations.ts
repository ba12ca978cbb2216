import type { Executor } from "@jukebase/platform/executor.ts";

/** A column as Postgres knows it: `type` in full (`numeric(12,2)`), `index` from 1 in the order of the relation. */
export type RelationColumn = {
  readonly name: string;
  readonly type: string;
  readonly index: number;
  readonly comment: string | null;
};

/** A table or view as Postgres knows it; its kind in the words of information_schema. */
export type Relation = {
  readonly schema: string;
  readonly name: string;
  readonly kind: "BASE TABLE" | "VIEW" | "MATERIALIZED VIEW" | "FOREIGN TABLE";
  readonly comment: string | null;
  readonly owner: string;
  readonly columns: readonly RelationColumn[];
};

/** Every relation of these schemas with its columns, by schema and name. Partitions are their table's affair and are left out. */
export async function relationsIn(db: Executor, schemas: readonly string[]): Promise<Relation[]> {
  const rows = await db.query<{ relation: string }>(everyRelation, [schemas]);
  return rows.map(({ relation }) => JSON.parse(relation) as Relation);
}

/** The database's own name, which readers write before the schema. */
export async function databaseName(db: Executor): Promise<string> {
  const [row] = await db.query<{ name: string }>("select current_database()::text as name");
  return row?.name ?? "";
}

const everyRelation = `
  select
    jsonb_build_object(
      'schema', namespace.nspname,
      'name', class.relname,
      'kind', case class.relkind
        when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' when 'f' then 'FOREIGN TABLE' else 'BASE TABLE'
      end,
      'comment', obj_description(class.oid, 'pg_class'),
      'owner', pg_get_userbyid(class.relowner),
      'columns', coalesce(attributes.columns, '[]')
    )::text as relation
  from pg_class as class
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  left join lateral (
    select
      jsonb_agg(
        jsonb_build_object(
          'name', numbered.attname,
          'type', format_type(numbered.atttypid, numbered.atttypmod),
          'index', numbered.place,
          'comment', col_description(class.oid, numbered.attnum)
        )
        order by numbered.place
      ) as columns
    from (
      select attribute.*, row_number() over (order by attribute.attnum) as place
      from pg_attribute as attribute
      where attribute.attrelid = class.oid and attribute.attnum > 0 and not attribute.attisdropped
    ) as numbered
  ) as attributes on true
  where namespace.nspname = any($1::text[])
    and class.relkind in ('r', 'p', 'v', 'm', 'f')
    and not class.relispartition
  order by namespace.nspname, class.relname`;
