import { transaction } from "@jukebase/platform";
import type { Rebuilding } from "./rebuilding.ts";
import { keepRecord } from "./record.ts";

/** How far a rebuild is: events of the log read per projection, of `events`. */
export type RebuildProgress = {
  readonly phase: string;
  readonly events: number;
  readonly done: Readonly<Record<string, number>>;
};

/** Says which phase has begun and, of a projection, how many more events it has read; `undefined` with a number: how many there are. */
export type Tell = (phase: string, projection?: string, events?: number) => Promise<void>;

/** Keeps the record, for whoever asks how far it is, and tells the caller. Throws Aborted when somebody asked the rebuild to stop. */
export function teller(
  { id, projections, context, jukebase }: Rebuilding,
  onProgress: (progress: RebuildProgress) => void | Promise<void> = () => {},
): Tell {
  const done: Record<string, number> = Object.fromEntries(projections.map(({ name }) => [name, 0]));
  let events = 0;
  return async (phase, projection, more = 0) => {
    if (projection === undefined) events += more;
    else done[projection] = (done[projection] ?? 0) + more;
    const progress = { phase, events, done: { ...done } };
    // On a connection of its own: the session's may be within a transaction, and everybody is to see this at once.
    await transaction(context.database.pg, (db) => keepRecord(db, id, progress, jukebase.clock.now()));
    await onProgress(progress);
  };
}
