import type { Executor } from "@jukebase/platform";

/** Makes a schema with the same tables, keys, references and functions as another, all empty; what had its name is dropped. */
export async function copyTables(db: Executor, from: string, to: string): Promise<void> {
  await db.query(`drop schema if exists "${to}" cascade`);
  await db.query(`create schema "${to}"`);
  for (const table of await tablesIn(db, from))
    await db.query(`create table "${to}"."${table}" (like "${from}"."${table}" including all)`);
  await db.query("select set_config('search_path', $1, true)", [`"${from}", public`]);
  const statements = await db.query<{ statement: string }>(definitions, [from]);
  await db.query("select set_config('search_path', $1, true)", [`"${to}", public`]);
  for (const { statement } of statements) await db.query(statement);
  await db.query("set local search_path to default");
}

/** Copies every row of one schema's tables into another's, which may have columns more or fewer. References must be deferrable. */
export async function copyRows(db: Executor, from: string, to: string): Promise<void> {
  const there = new Set(await tablesIn(db, to));
  await db.query("set constraints all deferred");
  for (const table of await tablesIn(db, from)) {
    if (!there.has(table)) continue;
    const columns = await db.query<{ name: string }>(
      `select quote_ident(old.attname) as name
       from pg_attribute as old
       join pg_attribute as new using (attname)
       where old.attrelid = $1::regclass and new.attrelid = $2::regclass
         and old.attnum > 0 and not old.attisdropped and not new.attisdropped and new.attgenerated = ''
       order by new.attnum`,
      [`"${from}"."${table}"`, `"${to}"."${table}"`],
    );
    const names = columns.map(({ name }) => name).join(", ");
    await db.query(`insert into "${to}"."${table}" (${names}) select ${names} from "${from}"."${table}"`);
  }
}

/** How many rows a table holds, and a checksum of them in which their order does not matter. */
export type TableSum = { readonly table: string; readonly rows: number; readonly checksum: string };

/** The sums of a schema's tables. */
export async function tableSums(db: Executor, schema: string): Promise<TableSum[]> {
  const sums: TableSum[] = [];
  for (const table of await tablesIn(db, schema)) {
    const [sum] = await db.query<{ rows: number; checksum: string }>(
      `select count(*) as rows, coalesce(sum(hashtextextended(to_jsonb(row)::text, 0)), 0)::text as checksum
       from "${schema}"."${table}" as row`,
    );
    sums.push({ table, rows: sum?.rows ?? 0, checksum: sum?.checksum ?? "0" });
  }
  return sums;
}

/** The names of a schema's tables; none when there is no such schema. */
export async function tablesIn(db: Executor, schema: string): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select relname::text as name
     from pg_class
     join pg_namespace on pg_namespace.oid = relnamespace
     where nspname = $1 and relkind = 'r'
     order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

// The server leaves out of what it prints the schema that the search path names first: run under the other path, it makes the other.
const definitions = `
  select statement
  from (
    select 0 as place, oid,
      regexp_replace(pg_get_functiondef(oid), '^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )' || quote_ident($1) || '\\.', '\\1') as statement
    from pg_proc
    where pronamespace = $1::regnamespace and prokind in ('f', 'p')
    union all
    select 1, oid, format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint
    where connamespace = $1::regnamespace and contype = 'f'
  ) as said
  order by place, oid`;
