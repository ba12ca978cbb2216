import { transaction } from "@jukebase/platform";
import { append, type Counts } from "./append.ts";
import { judge } from "./judge.ts";
import type { Intake } from "./load.ts";
import type { Source } from "./source.ts";
import type { Received } from "./sources/index.ts";

/**
 * After a whole-state load: whatever of the types it spoke of was not named in it has vanished. Each event that told of
 * it is retracted, the newest first, and the thing is forgotten, so that it is news when it comes back.
 */
export async function vanished(intake: Intake, source: Source, loadId: string): Promise<Counts> {
  const receivedAt = intake.clock.now();
  let counts: Counts = { received: 0, logged: 0, duplicates: 0, quarantined: 0 };
  await transaction(intake.database.pg, async (db) => {
    await db.query("select pg_advisory_xact_lock(hashtextextended($1, 1))", [`observations of ${source.source}`]);
    const gone = await db.query<{ type: string; natural_id: string; event_ids: string[] }>(
      `delete from events.observation
       where source = $1
         and last_load_id is distinct from $2::uuid
         and type in (select type from events.observation where source = $1 and last_load_id = $2::uuid)
       returning type, natural_id, event_ids`,
      [source.source, loadId],
    );
    if (gone.length === 0) return;
    const bench = { contracts: intake.contracts, source, keys: intake.keys, receivedAt };
    const judged = gone.flatMap((thing) => retractionsOf(thing, receivedAt)).map((retraction) => judge(retraction, bench));
    const settle = async (made: Counts): Promise<void> => {
      counts = made;
      await db.query(
        `update events.load
         set received = received + $2, logged = logged + $3, duplicates = duplicates + $4, quarantined = quarantined + $5
         where load_id = $1`,
        [loadId, made.received, made.logged, made.duplicates, made.quarantined],
      );
    };
    await append(db, judged, { source, keys: intake.keys, receivedAt, loadId, settle });
  });
  return counts;
}

function retractionsOf(thing: { type: string; natural_id: string; event_ids: string[] }, at: Date): Received[] {
  const told = [...new Set(thing.event_ids)].reverse();
  return told.map((retracts, n) => {
    const id = `${thing.natural_id}@${at.toISOString()}:vanished${n === 0 ? "" : `-${n + 1}`}`;
    const envelope = { type: thing.type, id, retracts };
    return { line: n + 1, end: 0, bytes: Buffer.from(JSON.stringify(envelope)), outcome: { ok: true, envelope } };
  });
}
