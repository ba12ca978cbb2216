import type { Executor } from "@jukebase/platform/executor.ts";

/** A table or view as it stands in the database. Types are as the server writes them; comments are null where there are none. */
export type Relation = {
  /** `sales.payment` */
  readonly name: string;
  readonly comment: string | null;
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly nullable: boolean;
    readonly comment: string | null;
  }[];
  /** The columns of its primary key; none for a view. */
  readonly key: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
};

/** Columns of one table that name a row of another. */
export type ForeignKey = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly to: string;
  readonly toColumns: readonly string[];
};

/** The tables of a schema, or its views (or the one called `only`), by name: columns, keys, comments. A partition is part of its table. */
export async function relationsIn(db: Executor, schema: string, kind: "tables" | "views", only?: string): Promise<Relation[]> {
  const rows = await db.query<{ relation: string }>(readRelations, [
    schema,
    kind === "tables" ? ["r", "p"] : ["v"],
    only ?? null,
  ]);
  return rows.map((row) => JSON.parse(row.relation) as Relation);
}

const readRelations = `
  with keys as (
    select
      conrelid,
      contype,
      conname,
      (
        select nspname || '.' || relname
        from pg_class
        join pg_namespace on pg_namespace.oid = relnamespace
        where pg_class.oid = confrelid
      ) as target,
      to_jsonb(array(
        select attname from unnest(conkey) with ordinality as part (attnum, place)
        join pg_attribute on attrelid = conrelid and pg_attribute.attnum = part.attnum order by place
      )) as columns,
      to_jsonb(array(
        select attname from unnest(confkey) with ordinality as part (attnum, place)
        join pg_attribute on attrelid = confrelid and pg_attribute.attnum = part.attnum order by place
      )) as target_columns
    from pg_constraint
    where connamespace = to_regnamespace($1)
      and contype in ('p', 'f')
      and conparentid = 0
  )
  select
    jsonb_build_object(
      'name', $1::text || '.' || class.relname,
      'comment', obj_description(class.oid, 'pg_class'),
      'columns', attributes.columns,
      'key', coalesce((select columns from keys where conrelid = class.oid and contype = 'p'), '[]'),
      'foreignKeys', coalesce(
        (
          select jsonb_agg(jsonb_build_object('name', conname, 'columns', columns, 'to', target, 'toColumns', target_columns) order by conname)
          from keys
          where conrelid = class.oid and contype = 'f'
        ),
        '[]'
      )
    )::text as relation
  from pg_class as class
  cross join lateral (
    select
      coalesce(
        jsonb_agg(
          jsonb_build_object(
            'name', attname,
            'type', format_type(atttypid, atttypmod),
            'nullable', not attnotnull,
            'comment', col_description(attrelid, attnum)
          )
          order by attnum
        ),
        '[]'
      ) as columns
    from pg_attribute
    where attrelid = class.oid and attnum > 0 and not attisdropped
  ) as attributes
  where class.relnamespace = to_regnamespace($1)
    and class.relkind = any ($2::text[]::"char"[])
    and not class.relispartition
    and ($3::text is null or class.relname = $3)
  order by class.relname`;
