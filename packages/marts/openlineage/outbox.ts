import type { DescribedMart } from "./describe-marts.ts";
import type { EmitterCounts, EmitterParts } from "./emitter.ts";
import type { RunEvent } from "./run-event.ts";

/** Marts by name, as they are described now. */
export type Described = () => Promise<ReadonlyMap<string, DescribedMart>>;

/** Sends events one after another, in the order in which they were put in, while whoever put them in goes on. */
export type Outbox = {
  readonly put: (make: (described: Described) => Promise<RunEvent>) => void;
  /** What marts were described as holds no longer. */
  readonly forget: () => void;
  readonly counts: () => EmitterCounts;
  readonly close: (limit_ms?: number) => Promise<void>;
};

/** How many events may wait; beyond them new ones are dropped, so that an endpoint that is away never costs memory without end. */
export const waiting_max = 1_000;

/** Makes an outbox. */
export function makeOutbox({ send, describe, onTrouble = () => {} }: EmitterParts): Outbox {
  const counts = { sent: 0, failed: 0, dropped: 0 };
  const stop = new AbortController();
  let described: ReturnType<Described> | undefined;
  let waiting = 0;
  let troubled = false;
  let last: Promise<void> = Promise.resolve();

  const asDescribed: Described = () => {
    described ??= describe();
    // A description that failed is tried again with the next event.
    described.catch(() => {
      described = undefined;
    });
    return described;
  };
  const tell = (problem: string | undefined): void => {
    if (troubled === (problem !== undefined)) return;
    troubled = problem !== undefined;
    onTrouble(problem, { ...counts });
  };
  const deliver = async (make: (described: Described) => Promise<RunEvent>): Promise<void> => {
    try {
      stop.signal.throwIfAborted();
      await send(await make(asDescribed), stop.signal);
      counts.sent += 1;
      tell(undefined);
    } catch (failure) {
      counts.failed += 1;
      tell((failure as Error).message);
    }
    waiting -= 1;
  };
  return {
    put: (make) => {
      if (waiting >= waiting_max || stop.signal.aborted) {
        counts.dropped += 1;
        return tell("Too many events wait; new ones are dropped.");
      }
      waiting += 1;
      last = last.then(() => deliver(make));
    },
    forget: () => {
      described = undefined;
    },
    counts: () => ({ ...counts }),
    close: async (limit_ms = 2_000) => {
      const over = Promise.withResolvers<void>();
      const tooLate = setTimeout(over.resolve, limit_ms);
      await Promise.race([last, over.promise]);
      clearTimeout(tooLate);
      stop.abort(new Error("It was closed before they were sent."));
    },
  };
}
