import { openingSeq, sizeOfArchives } from "@jukebase/events";
import type { Executor } from "@jukebase/platform";
import type { Rebuilding } from "./rebuilding.ts";

/** What a rebuild is about to read, and how many bytes it needs on the database's disk, as a guess. */
export type RebuildSizes = {
  readonly events: number;
  /** The archives among them, which stand in the log while it is read. */
  readonly archives: { readonly partitions: number; readonly rows: number };
  readonly bytes: number;
};

/** The sizes of a rebuild up to the batch `upto`: as much again as tables and marts take now, and what stands in archives. */
export async function sizesOf(db: Executor, { projections, jukebase }: Rebuilding, upto: number): Promise<RebuildSizes> {
  const [counted] = await db.query<{ events: number }>(
    "select coalesce(sum(logged), 0)::bigint as events from events.batch where seq > $1::bigint and seq <= $2::bigint",
    [(await openingSeq(db)) ?? 0, upto],
  );
  const { partitions, rows, unpacked } = await sizeOfArchives(jukebase);
  const bytes = unpacked + (await bytesOfTables(db, projections));
  return { events: counted?.events ?? 0, archives: { partitions, rows }, bytes };
}

async function bytesOfTables(db: Executor, projections: Rebuilding["projections"]): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(
    `select coalesce(sum(pg_total_relation_size(pg_class.oid)), 0)::bigint as bytes
     from pg_class
     join pg_namespace on pg_namespace.oid = relnamespace
     where relkind in ('r', 'm') and (nspname = any($1::text[]) or nspname = 'marts_store')`,
    [projections.map(({ schema }) => schema)],
  );
  return row?.bytes ?? 0;
}
