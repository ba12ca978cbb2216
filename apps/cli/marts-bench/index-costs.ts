import type pg from "pg";

/** What an index is worth: its size, what it adds to inserts of its table, and how often it is read against scans of the whole table. */
export type IndexCost = {
  readonly table: string;
  readonly index: string;
  readonly columns: string;
  readonly mb: number;
  /** Time of inserting the same rows with all indexes, over the time without this one. */
  readonly write_ratio: number;
  /** The planner's cost of reading one value (or row) without it, over the cost with it. */
  readonly read_ratio: number;
};

const rows_max = 20_000;

type Index = {
  readonly table: string;
  readonly index: string;
  readonly columns: string;
  readonly mb: string;
  readonly keys: string;
};

/**
 * Tries every index of what reports and projections read: inserts up to 20,000 of a table's own rows with and without it, and plans a lookup
 * by its columns with and without it. Everything is rolled back.
 */
export async function measureIndexes(
  pool: pg.Pool,
  schemas: readonly string[],
  say: (line: string) => void,
): Promise<IndexCost[]> {
  const { rows } = await pool.query<Index>(indexes, [schemas]);
  const costs: IndexCost[] = [];
  for (const one of rows) {
    say(`Trying ${one.index}`);
    costs.push(await measure(pool, one));
  }
  return costs;
}

async function measure(pool: pg.Pool, one: Index): Promise<IndexCost> {
  const client = await pool.connect();
  try {
    const withAll = { write_ms: 0, read: 0 };
    const without = { write_ms: 0, read: 0 };
    for (const drop of [false, true, false, true]) {
      await client.query("begin");
      await client.query("set local lock_timeout = '5s'; set local session_replication_role = replica");
      const into = drop ? without : withAll;
      if (drop) await client.query(dropOf(one));
      into.read = await lookupCost(client, one);
      into.write_ms += await insertTime(client, one.table);
      await client.query("rollback");
    }
    const { table, index, columns } = one;
    return {
      table,
      index,
      columns,
      mb: Number(one.mb),
      write_ratio: Number((withAll.write_ms / without.write_ms).toFixed(2)),
      read_ratio: Number((without.read / withAll.read).toFixed(1)),
    };
  } finally {
    client.release();
  }
}

// The index of a key belongs to its constraint.
function dropOf({ table, index }: Index): string {
  return `do $$ begin
    execute coalesce(
      (select format('alter table %s drop constraint %I cascade', conrelid::regclass, conname) from pg_constraint where conindid = '${index}'::regclass and contype in ('p', 'u')),
      'drop index ${index}'
    );
  end $$ -- ${table}`;
}

async function lookupCost(client: pg.PoolClient, { table, keys }: Index): Promise<number> {
  const where = (JSON.parse(keys) as string[])
    .map((key) => `${key} = (select ${key} from ${table} where ${key} is not null limit 1)`)
    .join(" and ");
  const { rows } = await client.query<{ "QUERY PLAN": [{ Plan: { "Total Cost": number } }] }>(
    `explain (format json) select from ${table} where ${where}`,
  );
  return rows[0]?.["QUERY PLAN"][0].Plan["Total Cost"] ?? 0;
}

// Deleted first, so that keys are free; the dead rows stay in every index, with and without the one that is tried.
async function insertTime(client: pg.PoolClient, table: string): Promise<number> {
  await client.query("set local synchronize_seqscans = off"); // So that both find the same rows.
  await client.query(`create temp table again on commit drop as select * from ${table} limit ${rows_max}`);
  await client.query(`delete from ${table} where ctid = any (array(select ctid from ${table} limit ${rows_max}))`);
  const began_ms = performance.now();
  await client.query(`insert into ${table} overriding system value select * from again`);
  return performance.now() - began_ms;
}

const indexes = `
  select
    class.oid::regclass::text as table,
    place.oid::regclass::text as index,
    array_to_string(array(select pg_get_indexdef(place.oid, n, true) from generate_series(1, index.indnkeyatts) as n), ', ') as columns,
    round(pg_relation_size(place.oid) / 1048576.0, 1)::text as mb,
    to_json(array(select pg_get_indexdef(place.oid, n, true) from generate_series(1, index.indnkeyatts) as n))::text as keys
  from pg_index as index
  join pg_class as place on place.oid = index.indexrelid
  join pg_class as class on class.oid = index.indrelid and class.relkind = 'r'
  join pg_namespace as namespace on namespace.oid = class.relnamespace
  where (namespace.nspname = 'marts_store' and class.relname ~ '__[0-9a-f]{8}' or namespace.nspname = any($1::text[]))
    and class.reltuples >= 1000
  order by 1, 2`;
