import { type Database, transaction } from "@jukebase/platform";
import { append, type Counts } from "./append.ts";
import type { Judged } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { noteStretch, type Stretch } from "./load-record.ts";
import type { Source } from "./source.ts";

/** Where a load's chunks are written, and for whom. */
export type Desk = {
  readonly database: Pick<Database, "pg">;
  readonly keys: Keys;
  readonly source: Source;
  readonly loadId: string;
};

/** Writes a judged chunk and notes its stretch, in one transaction, and tells the workers. */
export async function writeChunk(desk: Desk, judged: readonly Judged[], receivedAt: Date, stretch: Stretch): Promise<Counts> {
  const { database, keys, source, loadId } = desk;
  let counts: Counts = { received: 0, logged: 0, duplicates: 0, quarantined: 0 };
  const settleIn = (db: Parameters<typeof noteStretch>[0]) => async (found: Counts) => {
    counts = found;
    await noteStretch(db, loadId, found, stretch);
  };
  await transaction(database.pg, (db) => append(db, judged, { source, keys, receivedAt, loadId, settle: settleIn(db) }));
  await announce(desk);
  return counts;
}

/** Tells the workers that the log has grown. The checkpoint is the truth; this only spares them waiting. */
export async function announce({ database }: Pick<Desk, "database">): Promise<void> {
  await database.pg.query("notify jukebase_events");
}
