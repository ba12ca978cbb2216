import type { Executor, Projection } from "@jukebase/platform";

/** How many bytes a rebuild needs on the database's disk, as a guess: as much again as the tables and the marts' stores take now. */
export async function bytesNeeded(db: Executor, projections: readonly Projection[]): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(
    `select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint as bytes
     from pg_class
     join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'm') and (nspname = any($1::text[]) or nspname = 'marts_store')`,
    [projections.map(({ schema }) => schema)],
  );
  return row?.bytes ?? 0;
}
