import { lockAll, retireOrphans, unlockAll, withShortLocks } from "@jukebase/marts";
import { Conflict, type Executor, type Projection } from "@jukebase/platform";
import { tablesIn } from "./copy-schema.ts";
import { forgetNext } from "./fill.ts";
import { nextOf, oldOf } from "./names.ts";

/**
 * Takes away what a rebuild left beside the live tables: stores, schemas, and the next generation's checkpoint, waiting and parked
 * events. Throws Conflict when somebody's own view stands on it.
 */
export async function clearNext(db: Executor, projections: readonly Projection[]): Promise<void> {
  await lockAll(db, ["/builder"]);
  await retireOrphans(db);
  await unlockAll(db, ["/builder"]);
  for (const projection of projections) {
    for (const schema of [nextOf(projection).schema, oldOf(projection)]) {
      if (await dropSchema(db, schema)) continue;
      throw new Conflict(
        `The schema ${schema}, which a rebuild left, is still in use. End what reads it, or drop the views on it, and try again.`,
      );
    }
  }
  await forgetNext(
    db,
    projections.map(({ name }) => name),
  );
}

/**
 * Drops a schema with its tables; false when a reader held one of them for too long, or something of somebody else's stands on one,
 * which then stays.
 */
export async function dropSchema(db: Executor, schema: string): Promise<boolean> {
  const tables = await tablesIn(db, schema);
  try {
    await withShortLocks(db, async () => {
      // Without cascade the tables take nothing along that is not theirs; the functions that remain have no one else.
      if (tables.length > 0) await db.query(`drop table ${tables.map((table) => `"${schema}"."${table}"`).join(", ")}`);
      await db.query(`drop schema if exists "${schema}" cascade`);
    });
    return true;
  } catch (failure) {
    if (!held.has(String((failure as { code?: unknown }).code))) throw failure;
    return false;
  }
}

// lock_not_available, dependent_objects_still_exist
const held = new Set(["55P03", "2BP01"]);
