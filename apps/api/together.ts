import { type Intake, type Received, type Source, take, type Verdict } from "@jukebase/events";
import { isAway } from "./refusal.ts";

/** Takes the items of one request in; its verdicts, when they are committed. */
export type Take = (received: readonly Received[], options: { readonly source: Source }) => Promise<Verdict[]>;

/** The most events that requests share a commit with. */
const most = 2_000;
/** How many commits of a source are under way at once: while one waits for the disk, the next is written. */
const lanes = 3;

type Waiting = {
  readonly received: readonly Received[];
  readonly resolve: (verdicts: Verdict[]) => void;
  readonly reject: (failure: unknown) => void;
};

type Line = { readonly waiting: Waiting[]; under_way: number };

/**
 * Takes requests in that come while others of their source are being committed as one batch: commits stand in line, so many small ones
 * would each wait for a disk of its own. Nobody waits for company: while a lane is free, a request goes at once. Requests with events
 * without ids go alone, since which of equal ones such an event is counts within its request.
 */
export function together(intake: Intake): Take {
  const lines = new Map<Source, Line>();
  return (received, { source }) => {
    if (source.kind !== "facts" || !received.every(isNamed)) return take(intake, received, { source });
    return new Promise((resolve, reject) => {
      const line = lines.get(source) ?? { waiting: [], under_way: 0 };
      lines.set(source, line);
      line.waiting.push({ received, resolve, reject });
      if (line.under_way >= lanes) return;
      line.under_way += 1;
      void drain(intake, line, source, () => line.under_way === 0 && lines.delete(source));
    });
  };
}

// The lane is free in the same breath as the last look, so that nobody joins a line that is not looked at any more.
async function drain(intake: Intake, line: Line, source: Source, done: () => void): Promise<void> {
  while (line.waiting.length > 0) await commit(intake, source, line.waiting.splice(0, groupLength(line.waiting)));
  line.under_way -= 1;
  done();
}

// Never throws: each request hears of its own failure.
async function commit(intake: Intake, source: Source, group: readonly Waiting[]): Promise<void> {
  try {
    const all = group.length === 1 ? (group[0] as Waiting).received : group.flatMap(({ received }) => received);
    const verdicts = await take(intake, all, { source });
    let from = 0;
    for (const { received, resolve } of group) {
      resolve(group.length === 1 ? verdicts : verdicts.slice(from, from + received.length));
      from += received.length;
    }
  } catch (failure) {
    // One request must not fail for another's sake: each is tried alone. A database that is away is away for all of them.
    if (group.length === 1 || isAway(failure)) for (const { reject } of group) reject(failure);
    else for (const one of group) await commit(intake, source, [one]);
  }
}

function groupLength(line: readonly Waiting[]): number {
  let items = 0;
  const end = line.findIndex(({ received }) => {
    items += received.length;
    return items > most;
  });
  return end === -1 ? line.length : Math.max(1, end);
}

function isNamed({ outcome }: Received): boolean {
  return !outcome.ok || outcome.envelope.id !== undefined;
}
