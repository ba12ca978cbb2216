import { type Executor, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Verdict } from "./append.ts";
import { type Doer, system } from "./doer.ts";
import type { Intake } from "./load.ts";
import { announce } from "./load-write.ts";
import { choiceInWords, idsHash, type QuarantineChoice } from "./quarantine-choice.ts";
import { type Chunk, countChosen, openChunks } from "./quarantine-chunks.ts";
import { moveChunk } from "./replay-chunk.ts";
import { declareSource } from "./source.ts";

/** What a replay did with the items it took; `left` are still quarantined, with today's reasons. */
export type ReplaySummary = {
  readonly taken: number;
  readonly logged: number;
  readonly duplicates: number;
  readonly left: number;
};

/** How a replay is watched and stopped: it stops between two chunks, what it did stands, and another one goes on. */
export type ReplayOptions = {
  /** Hears of each chunk once it is committed; `of` is how many items were chosen in all. */
  readonly onProgress?: (done: ReplaySummary, of: number) => void;
  /** Runs in each chunk's transaction, before its batch is closed. */
  readonly alongside?: (db: Executor, step: ReplaySummary) => Promise<void>;
  readonly interrupted?: () => boolean;
  /** Items of one transaction. */
  readonly chunk?: number;
};

const chunk_items = 5000;

/**
 * Puts open items through the intake again, mended where somebody mended them. An item moves, it is not received again: logged or found
 * to be a duplicate, it is marked replayed; still broken, it stays. Replaying twice is the same as replaying once. Each chunk is one
 * transaction, with its entry in the audit log.
 */
export async function replay(
  intake: Intake,
  choice: QuarantineChoice,
  by: Doer = system,
  { onProgress, alongside, interrupted, chunk = chunk_items }: ReplayOptions = {},
): Promise<ReplaySummary> {
  const pool = pgExecutor(intake.database.pg);
  const of = onProgress ? await countChosen(pool, choice) : 0;
  let total: ReplaySummary = { taken: 0, logged: 0, duplicates: 0, left: 0 };
  const move = async (part: Chunk): Promise<void> => {
    const verdicts = await transaction(intake.database.pg, (db) =>
      moveChunk(db, intake, part, {
        lock: true,
        settle: async (items, moved) => {
          await alongside?.(db, summaryOf(moved));
          await noteDown(db, choice, by, { items, moved, at: intake.clock.now() });
        },
      }),
    );
    total = sum(total, summaryOf(verdicts));
    onProgress?.(total, of);
  };
  // While Postgres writes one chunk the next is judged; states seen are told one after the other, since each is compared with the last.
  const under_way: Promise<void>[] = [];
  try {
    for await (const part of openChunks(pool, choice, chunk)) {
      if (interrupted?.()) throw new Error("The worker is stopping; another attempt goes on with this replay.");
      const { kind } = await declareSource(pool, part.source);
      while (under_way.length > (kind === "facts" ? 1 : 0)) await under_way.shift();
      under_way.push(move(part));
      under_way.at(-1)?.catch(() => {}); // Awaited, and so thrown, by a later round.
    }
    for (const moving of under_way) await moving;
  } finally {
    await Promise.allSettled(under_way);
    if (total.logged > 0) await announce(intake);
  }
  return total;
}

/** What became of so many items. */
export function summaryOf(verdicts: readonly Verdict[]): ReplaySummary {
  const count = (outcome: Verdict["outcome"]): number => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  return { taken: verdicts.length, logged: count("accepted"), duplicates: count("duplicate"), left: count("quarantined") };
}

/** Two steps as one. */
export function sum(one: ReplaySummary, other: ReplaySummary): ReplaySummary {
  return {
    taken: one.taken + other.taken,
    logged: one.logged + other.logged,
    duplicates: one.duplicates + other.duplicates,
    left: one.left + other.left,
  };
}

type Done = { readonly items: readonly string[]; readonly moved: readonly Verdict[]; readonly at: Date };

// Of one item the entry names the event that it became; of many, how many met which fate, and by one hash which they were.
async function noteDown(db: Executor, choice: QuarantineChoice, by: Doer, { items, moved, at }: Done): Promise<void> {
  const { taken, ...after } = summaryOf(moved);
  const [only] = moved;
  const event = taken === 1 && only !== undefined && "key" in only ? { event_key: only.key } : {};
  await audit(
    db,
    {
      ...by,
      action: "quarantine.replay",
      object: choiceInWords(choice),
      before: { open: taken, items: idsHash(items) },
      after: { ...after, ...event },
    },
    at,
  );
}
