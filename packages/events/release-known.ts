import { pgExecutor } from "@jukebase/platform";
import { modesNow } from "./contract-modes.ts";
import { modesFor } from "./contracts/modes.ts";
import type { Intake } from "./load.ts";
import { type ReplaySummary, replay } from "./replay.ts";

/**
 * Replays what waits in quarantine for a contract that is known by now, of types whose mode for tables is evolve; of the others it stays
 * until somebody replays it. An item whose body the contract refuses stays with that reason, and is not taken again.
 */
export async function releaseKnown(intake: Intake): Promise<ReplaySummary> {
  const total = { taken: 0, logged: 0, duplicates: 0, left: 0 };
  const book = await modesNow(intake);
  if (book === undefined) return total;
  const waiting = await pgExecutor(intake.database.pg).query<{ type: string }>(
    `select distinct type
     from events.quarantine
     where status = 'open'
       and reason = 'unknown-type'
       and type = any($1::text[])
     order by type`,
    [[...intake.contracts.keys()].filter((type) => modesFor(book, type).tables === "evolve")],
  );
  for (const { type } of waiting) {
    const { taken, logged, duplicates, left } = await replay(intake, { type, reason: "unknown-type" });
    total.taken += taken;
    total.logged += logged;
    total.duplicates += duplicates;
    total.left += left;
  }
  return total;
}
