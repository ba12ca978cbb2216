import type { Executor } from "@jukebase/platform/executor.ts";
import { transaction } from "@jukebase/platform/postgres.ts";
import type pg from "pg";
import { codeOf } from "../session.ts";
import { martsInStatement } from "./marts-in-statement.ts";

/** How much one reader has read one mart, over all days. */
export type Use = {
  readonly mart: string;
  readonly reader: string;
  readonly tool: string;
  readonly reads: number;
  /** Of the statements as a whole: one that reads two marts counts with both. */
  readonly duration_ms: number;
  readonly rows: number;
  /** When the count was last found grown. */
  readonly last_read_at: string;
};

/** What a look at the server's statistics added: statements read, and reads of marts among them; or why it could not look. */
export type Sampled = { readonly statements: number; readonly reads: number; readonly problem?: string };

/**
 * Adds to the counts what readers have read since the last look, from `pg_stat_statements`. Statements are mapped to marts by their parsed
 * text, which is not kept. Where the server does not count statements, the sentence that says so is kept instead. Calls of two processes
 * follow one another. What the reader `uncounted` has read since is passed over: an examination is no use.
 */
export async function sampleUse(pool: pg.Pool, marts: readonly string[], at: Date, uncounted?: string): Promise<Sampled> {
  return transaction(pool, async (db) => {
    await db.query("select pg_advisory_xact_lock(hashtextextended('jukebase bi use', 0))");
    const problem = await problemOf(db);
    await noteSample(db, at, problem);
    if (problem !== undefined) return { statements: 0, reads: 0, problem };
    const grown = await grownStatements(db);
    const names = new Set([...marts, freshnessView]);
    let reads = 0;
    for (const { text, ...statement } of grown) {
      const read = text === null ? (statement.known ?? []) : await martsInStatement(text, names);
      await noteStatement(db, statement, read);
      if (read.length === 0 || statement.reader === uncounted) continue;
      await addReads(db, statement, read, at);
      reads += statement.new_calls;
    }
    await forgetGone(db);
    return { statements: grown.length, reads };
  });
}

/** Who reads a mart (or any), the latest first. */
export function readsOf(db: Executor, mart?: string): Promise<Use[]> {
  return db.query<Use>(
    `select
       use.mart, use.reader, reader.tool, sum(use.reads)::bigint as reads, round(sum(use.duration_ms))::bigint as duration_ms,
       sum(use.rows)::bigint as rows, max(use.last_read_at) as last_read_at
     from bi.use
     join bi.reader on reader.name = use.reader
     where $1::text is null or use.mart = $1
     group by use.mart, use.reader, reader.tool
     order by last_read_at desc, use.mart, use.reader`,
    [mart ?? null],
  );
}

/** When use was last counted, null for never; and why it cannot be, where it cannot. */
export async function lastSample(db: Executor): Promise<{ readonly sampled_at: string | null; readonly problem: string | null }> {
  const [row] = await db.query<{ sampled_at: string; problem: string | null }>("select sampled_at, problem from bi.sample");
  return row ?? { sampled_at: null, problem: null };
}

/** Makes the server's statistics of statements readable here, where it keeps them and lets us. */
export async function countStatements(db: Executor): Promise<void> {
  await db.query("savepoint before_extension");
  try {
    await db.query("create extension if not exists pg_stat_statements with schema bi");
    await db.query("release savepoint before_extension");
  } catch {
    await db.query("rollback to savepoint before_extension"); // Without it, use is not counted, and every look at it says why.
  }
}

/** The view in which marts tell how fresh they are: no mart itself, and read like one. */
export const freshnessView = "mart_freshness";

type Grown = {
  readonly reader: string;
  readonly query_id: string;
  readonly since: string;
  readonly known: string[] | null;
  readonly text: string | null;
  readonly calls: string;
  readonly duration_ms: string;
  readonly rows: string;
  readonly new_calls: number;
  readonly new_duration_ms: string;
  readonly new_rows: string;
};

async function problemOf(db: Executor): Promise<string | undefined> {
  const [extension] = await db.query<{ schema: string }>(
    `select pg_namespace.nspname::text as schema
     from pg_extension
     join pg_namespace on pg_namespace.oid = pg_extension.extnamespace
     where extname = 'pg_stat_statements'`,
  );
  if (extension === undefined)
    return "This server does not count statements here: put pg_stat_statements into shared_preload_libraries, start it again, and run “create extension pg_stat_statements with schema bi” in this database.";
  await db.query("savepoint before_look");
  try {
    await db.query(`select from ${extension.schema}.pg_stat_statements limit 1`);
    await db.query(`select set_config('search_path', quote_ident($1) || ', pg_catalog', true)`, [extension.schema]);
    return undefined;
  } catch (error) {
    await db.query("rollback to savepoint before_look");
    if (codeOf(error) === notLoaded)
      return "This server does not count statements: put pg_stat_statements into shared_preload_libraries and start it again.";
    throw error;
  }
}

const notLoaded = "55000";

// Read under the search path that holds the extension, wherever it was put. A count that is new, or began anew, counts from nought.
function grownStatements(db: Executor): Promise<Grown[]> {
  return db.query<Grown>(
    `select
       reader.name as reader, counted.queryid::text as query_id, counted.stats_since::text as since, known.marts as known,
       case when known.reader is null then counted.query end as text,
       counted.calls::text as calls, counted.total_exec_time::numeric::text as duration_ms, counted.rows::text as rows,
       (counted.calls - coalesce(known.calls, 0))::integer as new_calls,
       (counted.total_exec_time::numeric - coalesce(known.duration_ms, 0))::text as new_duration_ms,
       (counted.rows - coalesce(known.rows, 0))::text as new_rows
     from bi.reader
     join pg_catalog.pg_roles on pg_roles.rolname = reader.name
     join pg_stat_statements as counted on counted.userid = pg_roles.oid
     join pg_catalog.pg_database on pg_database.oid = counted.dbid and pg_database.datname = pg_catalog.current_database()
     left join bi.statement as known
       on known.reader = reader.name and known.query_id = counted.queryid and known.since = counted.stats_since
     where counted.toplevel and counted.calls > coalesce(known.calls, 0)
     order by 1, 2`,
  );
}

// The server lets go of statements that are seldom used; one that comes back begins anew, at another instant.
async function forgetGone(db: Executor): Promise<void> {
  await db.query(
    `delete from bi.statement
     where not exists (
       select from pg_stat_statements as counted
       where counted.queryid = statement.query_id and counted.stats_since = statement.since
     )`,
  );
}

async function noteSample(db: Executor, at: Date, problem: string | undefined): Promise<void> {
  await db.query(
    `insert into bi.sample (sampled_at, problem)
     values ($1, $2)
     on conflict (singleton) do update
     set sampled_at = excluded.sampled_at, problem = excluded.problem`,
    [at.toISOString(), problem ?? null],
  );
}

async function noteStatement(db: Executor, grown: Omit<Grown, "text">, marts: readonly string[]): Promise<void> {
  await db.query(
    `insert into bi.statement (reader, query_id, since, marts, calls, duration_ms, rows)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (reader, query_id, since) do update
     set calls = excluded.calls, duration_ms = excluded.duration_ms, rows = excluded.rows`,
    [grown.reader, grown.query_id, grown.since, marts, grown.calls, grown.duration_ms, grown.rows],
  );
}

async function addReads(db: Executor, grown: Omit<Grown, "text">, marts: readonly string[], at: Date): Promise<void> {
  await db.query(
    `insert into bi.use (reader, mart, day, reads, duration_ms, rows, last_read_at)
     select $1, mart, ($6::timestamptz at time zone 'UTC')::date, $3, $4, $5, $6
     from unnest($2::text[]) as mart
     on conflict (mart, reader, day) do update
     set reads = use.reads + excluded.reads, duration_ms = use.duration_ms + excluded.duration_ms, rows = use.rows + excluded.rows,
       last_read_at = excluded.last_read_at`,
    [grown.reader, marts, grown.new_calls, grown.new_duration_ms, grown.new_rows, at.toISOString()],
  );
}
