import { Conflict, type Executor, type Projection, pgExecutor, transaction } from "@jukebase/platform";
import { catchUp, type ProjectionContext } from "../projection/run.ts";
import { copyRows, copyTables, type TableSum, tableSums, tablesIn } from "./copy-tables.ts";

/** The generation of an opening state's checkpoint, waiting and parked events; and of the one that is being made. */
const generations = { opening: 0, making: -1 } as const;

/** A projection's opening state: its tables' rows and checksums. */
export type OpeningSums = Readonly<Record<string, readonly TableSum[]>>;

/**
 * Projects the log, archives included (they must stand in it), up to the batch `upto` into schemas of their own, starting from the
 * opening state of an earlier purge where there is one. `putOpening` makes it the opening state that counts.
 */
export async function makeOpening(
  context: ProjectionContext,
  projections: readonly Projection[],
  upto: number,
): Promise<OpeningSums> {
  const sums: Record<string, TableSum[]> = {};
  for (const projection of projections) {
    const making = { ...projection, schema: makingOf(projection) };
    await transaction(context.database.pg, async (db) => {
      await copyTables(db, projection.schema, making.schema);
      await forget(db, projection, generations.making);
      await restoreOpening(db, projection, { schema: making.schema, generation: generations.making });
    });
    await catchUp(making, { ...context, generation: generations.making, upto });
    sums[projection.name] = await tableSums(pgExecutor(context.database.pg), making.schema);
  }
  return sums;
}

/** Makes what `makeOpening` made the opening state, in the caller's transaction. */
export async function putOpening(db: Executor, projections: readonly Projection[]): Promise<void> {
  for (const projection of projections) {
    await db.query(`drop schema if exists "${openingOf(projection)}" cascade`);
    await db.query(`alter schema "${makingOf(projection)}" rename to "${openingOf(projection)}"`);
    await forget(db, projection, generations.opening);
    for (const table of kept)
      await db.query(`update events.${table} set generation = $2 where projection = $1 and generation = $3`, [
        projection.name,
        generations.opening,
        generations.making,
      ]);
  }
}

/**
 * Where a rebuild starts after a purge: puts the opening state into a projection's empty tables in `schema`, its waiting and parked
 * events and its checkpoint under `generation`, and returns the position to go on from; undefined when nothing was ever purged.
 * Throws `Conflict` when the state is not what the purge wrote down.
 */
export async function restoreOpening(
  db: Executor,
  projection: Projection,
  into: { readonly schema: string; readonly generation: number },
): Promise<number | undefined> {
  const [purge] = await db.query<{ seq: number; sums: readonly TableSum[] | null }>(
    "select seq, tables -> $1 as sums from events.purge order by seq desc limit 1",
    [projection.name],
  );
  if (!purge) return undefined;
  await requireIntact(db, projection, purge.sums ?? []);
  await copyRows(db, openingOf(projection), into.schema);
  await copyKept(db, projection, into.generation);
  await db.query(
    `insert into events.checkpoint (projection, generation, seq)
     values ($1, $2, $3::bigint)
     on conflict (projection, generation) do update set seq = excluded.seq`,
    [projection.name, into.generation, purge.seq],
  );
  return purge.seq;
}

/** The position of the opening state, from which every rebuild goes on; undefined when nothing was ever purged. */
export async function openingSeq(db: Executor): Promise<number | undefined> {
  const [purge] = await db.query<{ seq: number }>("select seq from events.purge order by seq desc limit 1");
  return purge?.seq;
}

async function requireIntact(db: Executor, projection: Projection, sums: readonly TableSum[]): Promise<void> {
  const schema = openingOf(projection);
  const found = new Map((await tableSums(db, schema)).map((sum) => [sum.table, sum]));
  for (const { table, rows, checksum } of sums) {
    const now = found.get(table);
    if (now?.rows === rows && now.checksum === checksum) continue;
    throw new Conflict(
      `The opening state ${schema}.${table} is not what the purge left: ${now?.rows ?? 0} rows where there were ${rows}, or changed ones. Restore the schema ${schema} from a backup.`,
    );
  }
  if (sums.length > 0 && (await tablesIn(db, schema)).length === 0)
    throw new Conflict(`The opening state ${schema} is gone. Restore it from a backup.`);
}

async function copyKept(db: Executor, { name }: Projection, generation: number): Promise<void> {
  await db.query(
    `insert into events.waiting (projection, generation, log_id, event_key, type, needs_kind, needs_id, needs_key, since)
     select projection, $2::int, log_id, event_key, type, needs_kind, needs_id, needs_key, since
     from events.waiting
     where projection = $1 and generation = $3::int`,
    [name, generation, generations.opening],
  );
  await db.query(
    `insert into events.parked (projection, generation, log_id, event_key, type, error, parked_at)
     select projection, $2::int, log_id, event_key, type, error, parked_at
     from events.parked
     where projection = $1 and generation = $3::int`,
    [name, generation, generations.opening],
  );
}

async function forget(db: Executor, { name }: Projection, generation: number): Promise<void> {
  for (const table of kept)
    await db.query(`delete from events.${table} where projection = $1 and generation = $2`, [name, generation]);
}

const kept = ["checkpoint", "waiting", "parked"] as const;

function openingOf({ schema }: Projection): string {
  return `${schema}__opening`;
}

function makingOf({ schema }: Projection): string {
  return `${schema}__opening_next`;
}
