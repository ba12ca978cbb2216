import { type Intake, type Received, type Source, take, type Verdict } from "@jukebase/events";
import { isAway } from "./refusal.ts";

/** Takes the items of one request in; its verdicts, when they are committed. */
export type Take = (received: readonly Received[], options: { readonly source: Source }) => Promise<Verdict[]>;

/** The most events that requests share a commit with. */
const most = 2_000;
/** How many commits of a source are under way at once: while Postgres writes one, the next is judged. */
const lanes = 2;
/** The least that another lane is opened for: few events are better committed together with the next that come. */
const worth = 250;

type Waiting = {
  readonly received: readonly Received[];
  readonly resolve: (verdicts: Verdict[]) => void;
  readonly reject: (failure: unknown) => void;
};

type Line = { readonly waiting: Waiting[]; events: number; under_way: number };

/**
 * Takes requests in that come while others of their source are being committed as one batch: commits stand in line, so many small ones
 * would each wait for a disk of its own. Nobody waits for company: where nothing is under way, a request goes at once. Requests with events
 * without ids go alone, since which of equal ones such an event is counts within its request.
 */
export function together(intake: Intake): Take {
  const lines = new Map<Source, Line>();
  return (received, { source }) => {
    if (source.kind !== "facts" || !received.every(isNamed)) return take(intake, received, { source });
    return new Promise((resolve, reject) => {
      const line = lines.get(source) ?? { waiting: [], events: 0, under_way: 0 };
      lines.set(source, line);
      line.waiting.push({ received, resolve, reject });
      line.events += received.length;
      if (line.under_way > 0 && (line.under_way >= lanes || line.events < worth)) return;
      line.under_way += 1;
      void drain(intake, line, source, () => line.under_way === 0 && lines.delete(source));
    });
  };
}

// The lane is free in the same breath as the last look, so that nobody joins a line that is not looked at any more.
async function drain(intake: Intake, line: Line, source: Source, done: () => void): Promise<void> {
  while (line.waiting.length > 0) {
    const group = line.waiting.splice(0, groupLength(line.waiting));
    line.events -= group.reduce((sum, { received }) => sum + received.length, 0);
    await commit(intake, source, group);
  }
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
