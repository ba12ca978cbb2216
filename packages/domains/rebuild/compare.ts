import { generations } from "@jukebase/events";
import { type Database, type Executor, transaction } from "@jukebase/platform";
import { tablesIn } from "./copy-schema.ts";
import { follow } from "./fill.ts";
import { nextOf } from "./names.ts";
import type { Rebuilding } from "./rebuilding.ts";

/** How a relation differs from its rebuilt self: rows that only one side has, and the first of them. */
export type TableDifference = {
  readonly relation: string;
  readonly only_live: number;
  readonly only_rebuilt: number;
  readonly examples: readonly string[];
};

/**
 * Compares every table, what waits and what is parked with what was built beside, at one position, both ways and counting duplicates.
 * `parked_at` is left out: it says when a step failed. Live projecting pauses only until both stand at the same batch.
 */
export async function compareWithLive(rebuilding: Rebuilding): Promise<TableDifference[]> {
  const { context, projections } = rebuilding;
  return atOnePosition(
    rebuilding,
    async (db) => {
      const differences: TableDifference[] = [];
      for (const projection of projections) {
        for (const table of await tablesIn(db, projection.schema)) {
          const live = `select to_jsonb(row)::text as line from "${projection.schema}"."${table}" as row`;
          const rebuilt = `select to_jsonb(row)::text as line from "${nextOf(projection).schema}"."${table}" as row`;
          differences.push(await compare(db, `${projection.schema}.${table}`, live, rebuilt));
        }
        for (const table of ["waiting", "parked"]) {
          const of = (generation: number): string =>
            `select (to_jsonb(row) - '{generation,parked_at}'::text[])::text as line
           from events.${table} as row
           where projection = '${projection.name}' and generation = ${generation}`;
          differences.push(
            await compare(db, `events.${table} of ${projection.name}`, of(generations.live), of(generations.next)),
          );
        }
      }
      return differences.filter(({ only_live, only_rebuilt }) => only_live + only_rebuilt > 0);
    },
    context.database,
  );
}

async function compare(db: Executor, relation: string, live: string, rebuilt: string): Promise<TableDifference> {
  const rows = await db.query<{ side: string; line: string; count: number }>(
    `with differing as (
       select 'live' as side, line from (${live} except all ${rebuilt}) as only_live
       union all
       select 'rebuilt', line from (${rebuilt} except all ${live}) as only_rebuilt
     )
     select side, line, count
     from (
       select side, line, count(*) over (partition by side) as count, row_number() over (partition by side order by line) as n
       from differing
     ) as numbered
     where n <= 3
     order by side, n`,
  );
  const count = (side: string): number => rows.find((row) => row.side === side)?.count ?? 0;
  const examples = rows.map(({ side, line }) => `only ${side}: ${line}`);
  return { relation, only_live: count("live"), only_rebuilt: count("rebuilt"), examples };
}

// The rows of the live checkpoints are held while the rebuilt side catches up with them and the snapshot is taken, no longer.
async function atOnePosition<T>(
  { context, projections }: Rebuilding,
  work: (db: Executor) => Promise<T>,
  { pg }: Database,
): Promise<T> {
  const holder = await pg.connect();
  try {
    await holder.query("begin");
    const names = projections.map(({ name }) => name);
    const { rows } = await holder.query<{ projection: string; seq: number }>(
      "select projection, seq from events.checkpoint where projection = any($1) and generation = $2 order by projection for update",
      [names, generations.live],
    );
    for (const projection of projections) {
      const upto = rows.find((row) => row.projection === projection.name)?.seq ?? 0;
      await follow({ ...context, upto }, [projection]);
    }
    return await transaction(
      pg,
      async (db) => {
        await db.query("select 1 from events.checkpoint limit 1");
        await holder.query("commit");
        return work(db);
      },
      "repeatable read",
    );
  } finally {
    await holder.query("rollback").catch(() => {}); // Already committed, or the connection is gone: in either case nothing is held.
    holder.release();
  }
}
