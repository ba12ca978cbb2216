import { type Intake, type Received, type Source, take, type Verdict } from "@jukebase/events";

/** Takes the items of one request in; its verdicts, when they are committed. */
export type Take = (
  received: readonly Received[],
  options: { readonly source: Source; readonly scope?: string | undefined },
) => Promise<Verdict[]>;

const most = 2_000;

type Waiting = {
  readonly received: readonly Received[];
  readonly resolve: (verdicts: Verdict[]) => void;
  readonly reject: (failure: unknown) => void;
};

/**
 * Takes requests in that come while another of their source is being committed as one batch: commits stand in line, so many small ones
 * would each wait for a disk of its own. Nobody waits for company: the first goes at once. Requests with events without ids go alone,
 * since which of equal ones such an event is counts within its request.
 */
export function together(intake: Intake): Take {
  const lines = new Map<Source, Waiting[]>();
  return (received, { source, scope }) => {
    if (scope !== undefined || source.kind !== "facts" || !received.every(isNamed))
      return take(intake, received, { source, scope });
    return new Promise((resolve, reject) => {
      const line = lines.get(source);
      if (line !== undefined) line.push({ received, resolve, reject });
      else {
        const opened = [{ received, resolve, reject }];
        lines.set(source, opened);
        drain(intake, opened, source, () => lines.delete(source)).catch(reject);
      }
    });
  };
}

// `close` in the same breath as the last look, so that nobody joins a line that is not looked at any more.
async function drain(intake: Intake, line: Waiting[], source: Source, close: () => void): Promise<void> {
  while (line.length > 0) await commit(intake, source, line.splice(0, groupLength(line)));
  close();
}

async function commit(intake: Intake, source: Source, group: readonly Waiting[]): Promise<void> {
  try {
    const verdicts = await take(
      intake,
      group.flatMap(({ received }) => received),
      { source },
    );
    let from = 0;
    for (const { received, resolve } of group) {
      resolve(verdicts.slice(from, from + received.length));
      from += received.length;
    }
  } catch (failure) {
    // One request must not fail for another's sake: each is tried alone, and hears of its own failure.
    if (group.length === 1) group[0]?.reject(failure);
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
