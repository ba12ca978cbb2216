import { quoted } from "@jukebase/marts/quote.ts";
import type { Executor } from "@jukebase/platform";

/**
 * Makes a schema beside a live one with the same tables and functions, comments and grants, all empty and still without keys, indexes
 * and references, which cost more while rows come in than once they are there. The caller's transaction makes it one moment.
 */
export async function copySchema(db: Executor, live: string, next: string): Promise<void> {
  await db.query(`create schema ${quoted(next)}`);
  for (const table of await tablesIn(db, live)) {
    await db.query(
      `create table ${quoted(`${next}.${table}`)} (like ${quoted(`${live}.${table}`)} including all excluding indexes)`,
    );
  }
  await copyEach(db, live, next, functions);
  await copyEach(db, live, next, tableDetails);
}

/** Adds the keys and indexes of the live schema's tables, and what is said of them. */
export async function addKeys(db: Executor, live: string, next: string): Promise<void> {
  await copyEach(db, live, next, keys);
  await copyEach(db, live, next, keyComments);
}

/** Adds the references between the tables; the rows that stand are checked in one pass each. */
export async function addReferences(db: Executor, live: string, next: string): Promise<void> {
  await copyEach(db, live, next, references);
}

/** The tables of a schema, by name. */
export async function tablesIn(db: Executor, schema: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    "select relname::text as name from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r' order by 1",
    [quoted(schema)],
  );
  return rows.map(({ name }) => name);
}

/** Everything that defines the tables and functions of a schema, as one text: equal texts mean that one can stand for the other. */
export async function shapeOf(db: Executor, schema: string): Promise<string> {
  return within(db, schema, async () => {
    const rows = await db.query<{ line: string }>(shape, [schema]);
    return rows.map(({ line }) => line).join("\n");
  });
}

// What the server prints of an object leaves out the schema that the search path names first: run under the other path, it makes the other.
async function copyEach(db: Executor, live: string, next: string, definitions: string): Promise<void> {
  const statements = await within(db, live, () => db.query<{ statement: string }>(definitions, [live]));
  await within(db, next, async () => {
    for (const { statement } of statements) await db.query(statement);
  });
}

async function within<T>(db: Executor, schema: string, work: () => Promise<T>): Promise<T> {
  await db.query("select set_config('search_path', $1, true)", [`${quoted(schema)}, public`]);
  const answer = await work();
  await db.query("set local search_path to default");
  return answer;
}

// pg_get_functiondef always names the schema, right behind its opening words.
const functions = `
  select
    regexp_replace(pg_get_functiondef(oid), '^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )' || quote_ident($1) || '\\.', '\\1') as statement
  from pg_proc
  where pronamespace = $1::regnamespace and prokind in ('f', 'p')
  order by oid`;

const tableDetails = `
  with said as (
    select 0 as place, oid, format('alter table %I set (%s)', relname, array_to_string(reloptions, ', ')) as statement
    from pg_class
    where relnamespace = $1::regnamespace and relkind = 'r' and reloptions is not null
    union all
    select 1, oid, format('comment on table %I is %L', relname, obj_description(oid, 'pg_class'))
    from pg_class
    where relnamespace = $1::regnamespace and relkind = 'r' and obj_description(oid, 'pg_class') is not null
    union all
    select 2, oid, format('comment on function %s is %L', oid::regprocedure, obj_description(oid, 'pg_proc'))
    from pg_proc
    where pronamespace = $1::regnamespace and obj_description(oid, 'pg_proc') is not null
    union all
    select 3, oid, format('comment on schema %I is %L', $1 || '__next', obj_description(oid, 'pg_namespace'))
    from pg_namespace
    where oid = $1::regnamespace and obj_description(oid, 'pg_namespace') is not null
    union all
    select 4, class.oid, format('grant %s on %I to %s%s', privilege_type, relname, coalesce(quote_ident(role.rolname), 'public'),
      case when is_grantable then ' with grant option' else '' end)
    from pg_class as class
    cross join lateral aclexplode(relacl)
    left join pg_roles as role on role.oid = grantee
    where relnamespace = $1::regnamespace and relkind = 'r' and grantee <> relowner
    union all
    select 5, namespace.oid, format('grant %s on schema %I to %s', privilege_type, $1 || '__next', coalesce(quote_ident(role.rolname), 'public'))
    from pg_namespace as namespace
    cross join lateral aclexplode(nspacl)
    left join pg_roles as role on role.oid = grantee
    where namespace.oid = $1::regnamespace and grantee <> nspowner
  )
  select statement
  from said
  order by place, oid`;

// A primary key before the other keys, so that the tables print as they did.
const keys = `
  with said as (
    select conrelid, contype <> 'p' as later, oid,
      format('alter table %I add constraint %I %s', (select relname from pg_class where pg_class.oid = conrelid), conname, pg_get_constraintdef(oid, true)) as statement
    from pg_constraint
    where connamespace = $1::regnamespace and contype in ('p', 'u', 'x') and conrelid <> 0
    union all
    select indrelid, true, indexrelid, pg_get_indexdef(indexrelid, 0, true)
    from pg_index
    join pg_class on pg_class.oid = indrelid
    where relnamespace = $1::regnamespace
      and relkind = 'r'
      and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u', 'x'))
  )
  select statement
  from said
  order by conrelid, later, oid`;

const keyComments = `
  select format('comment on constraint %I on %I is %L', conname, (select relname from pg_class where pg_class.oid = conrelid), obj_description(oid, 'pg_constraint')) as statement
  from pg_constraint
  where connamespace = $1::regnamespace and contype in ('p', 'u', 'x') and obj_description(oid, 'pg_constraint') is not null
  union all
  select format('comment on index %I is %L', relname, obj_description(oid, 'pg_class'))
  from pg_class
  where relnamespace = $1::regnamespace and relkind = 'i' and obj_description(oid, 'pg_class') is not null
  order by 1`;

const references = `
  select format('alter table %I add constraint %I %s', (select relname from pg_class where pg_class.oid = conrelid), conname, pg_get_constraintdef(oid, true)) as statement
  from pg_constraint
  where connamespace = $1::regnamespace and contype = 'f' and conparentid = 0
  order by conrelid, oid`;

const shape = `
  select format('column %s.%s %s %s %s %s %s', relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
    coalesce(pg_get_expr(adbin, adrelid), ''), coalesce(col_description(attrelid, attnum), '')) as line
  from pg_class
  join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
  left join pg_attrdef on adrelid = attrelid and adnum = attnum
  where relnamespace = $1::regnamespace and relkind = 'r'
  union all
  select format('table %s %s %s', relname, reloptions, obj_description(oid, 'pg_class'))
  from pg_class
  where relnamespace = $1::regnamespace and relkind = 'r'
  union all
  select format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid, true))
  from pg_constraint
  where connamespace = $1::regnamespace and conrelid <> 0 and contype <> 't'
  union all
  select pg_get_indexdef(indexrelid, 0, true)
  from pg_index
  join pg_class on pg_class.oid = indrelid
  where relnamespace = $1::regnamespace and relkind = 'r'
  union all
  select format('function %s %s %s', oid::regprocedure, pg_get_function_result(oid), prosrc)
  from pg_proc
  where pronamespace = $1::regnamespace
  order by 1`;
