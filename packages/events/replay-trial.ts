import { pgExecutor, transaction } from "@jukebase/platform";
import type { Verdict } from "./append.ts";
import type { Intake } from "./load.ts";
import type { QuarantineChoice } from "./quarantine-choice.ts";
import { countChosen, openChunks } from "./quarantine-chunks.ts";
import { type ReplayOptions, type ReplaySummary, sum, summaryOf } from "./replay.ts";
import { moveChunk } from "./replay-chunk.ts";

/** What a replay would do: `reasons` says what would be left, by today's reason. */
export type ReplayTrial = ReplaySummary & { readonly reasons: Readonly<Record<string, number>> };

/**
 * Tries a replay and changes nothing: the same code takes the same steps, up to where a batch would be closed, in one transaction that is
 * rolled back. So what a second chunk repeats of the first is counted as the duplicate that it would be. Intake of the very same events
 * waits until the trial is over; everything else goes on.
 */
export async function tryReplay(
  intake: Intake,
  choice: QuarantineChoice,
  { onProgress, chunk = 5000 }: Pick<ReplayOptions, "onProgress" | "chunk"> = {},
): Promise<ReplayTrial> {
  const of = onProgress ? await countChosen(pgExecutor(intake.database.pg), choice) : 0;
  let total: ReplayTrial = { taken: 0, logged: 0, duplicates: 0, left: 0, reasons: {} };
  const trial = transaction(intake.database.pg, async (db) => {
    for await (const part of openChunks(pgExecutor(intake.database.pg), choice, chunk)) {
      const verdicts = await moveChunk(db, intake, part, {
        lock: false,
        settle: (_items, moved) => Promise.reject(new UpToHere(moved)),
      }).catch(verdictsOf);
      total = { ...sum(total, summaryOf(verdicts)), reasons: reasonsOf(verdicts, total.reasons) };
      onProgress?.(total, of);
    }
    throw new UpToHere([]);
  });
  await trial.catch(verdictsOf);
  return total;
}

class UpToHere extends Error {
  override readonly name = "UpToHere";
  readonly verdicts: readonly Verdict[];

  constructor(verdicts: readonly Verdict[]) {
    super("A trial goes no further.");
    this.verdicts = verdicts;
  }
}

function verdictsOf(error: unknown): readonly Verdict[] {
  if (error instanceof UpToHere) return error.verdicts;
  throw error;
}

function reasonsOf(verdicts: readonly Verdict[], before: Readonly<Record<string, number>>): Record<string, number> {
  const reasons = { ...before };
  for (const verdict of verdicts) {
    if (verdict.outcome !== "quarantined") continue;
    const reason = verdict.issues[0]?.code ?? "broken";
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
