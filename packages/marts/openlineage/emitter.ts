import type { Clock } from "@jukebase/platform/clock.ts";
import type { MartListener, ToldMart } from "../listener.ts";
import { type DescribedMart, inEnvironment } from "./describe-marts.ts";
import { endEvent, endOfAll, type Identity, jobOf, type Run, startEvent } from "./mart-events.ts";
import { type Described, makeOutbox, type Outbox } from "./outbox.ts";
import type { RunEvent } from "./run-event.ts";
import type { Transport } from "./transport.ts";

/** What became of events: delivered, given up after every try, or never tried because too many waited. */
export type EmitterCounts = { readonly sent: number; readonly failed: number; readonly dropped: number };

/** What an emitter needs; clock and ids are passed in. */
export type EmitterParts = {
  readonly identity: Identity;
  readonly send: Transport;
  /** Describes all marts as they are now; asked again after each build. */
  readonly describe: () => Promise<ReadonlyMap<string, DescribedMart>>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Told when events begin to fail, and when they pass again; never once for each. */
  readonly onTrouble?: (problem: string | undefined, counts: EmitterCounts) => void;
};

/** Emits events of work on marts. Nothing that it does makes the work wait or fail. */
export type Emitter = {
  /** Does work under one job, of which the marts' own runs are parts; a listener hears of these. Without any, nothing is emitted. */
  readonly during: <T>(
    job: string,
    work: (listener: MartListener) => Promise<T>,
    options?: { readonly scheduledFor?: Date | undefined },
  ) => Promise<T>;
  readonly counts: () => EmitterCounts;
  /** Waits until all that was said is sent or given up, but no longer than this. */
  readonly close: (limit_ms?: number) => Promise<void>;
};

/** Makes an emitter. */
export function makeEmitter(parts: EmitterParts): Emitter {
  const outbox = makeOutbox(parts);
  return {
    during: async (job, work, { scheduledFor } = {}) => {
      const parent: Run = { id: parts.newId(), job, nominalTime: scheduledFor };
      const whole = wholeOf(parts, outbox, parent);
      try {
        const answer = await work(listenerOf(parts, outbox, whole));
        whole.end();
        return answer;
      } catch (failure) {
        whole.begin();
        whole.end((failure as Error).message);
        throw failure;
      }
    },
    counts: outbox.counts,
    close: outbox.close,
  };
}

/** The run that the marts' runs are parts of: it is told of once there is one of them, and fails when one of them did. */
type Whole = {
  readonly run: Run;
  readonly begin: () => void;
  readonly failed: (mart: string) => void;
  readonly end: (error?: string) => void;
};

function wholeOf({ identity, clock }: EmitterParts, outbox: Outbox, run: Run): Whole {
  const began = clock.now();
  let isTold = false;
  const failed: string[] = [];
  return {
    run,
    begin: () => {
      if (isTold) return;
      isTold = true;
      outbox.put(async () => startEvent(identity, run, began));
    },
    failed: (mart) => void failed.push(mart),
    end: (error = failed.length === 0 ? undefined : `Failed: ${failed.join(", ")}.`) => {
      if (!isTold) return;
      const at = clock.now();
      outbox.put(async () => endOfAll(identity, run, at, error));
    },
  };
}

function listenerOf({ identity, clock, newId }: EmitterParts, outbox: Outbox, whole: Whole): MartListener {
  const { run: parent } = whole;
  return {
    started: ({ schema, name }, work, ago_ms) => {
      whole.begin();
      const run: Run = { id: newId(), job: jobOf(`${schema}.${name}`, work), parent, nominalTime: parent.nominalTime };
      const started = new Date(clock.now().getTime() - ago_ms);
      outbox.put((described) => withMart(described, { schema, name }, (mart) => startEvent(identity, run, started, mart, work)));
      return (end) => {
        const ended = clock.now();
        if (end.outcome !== "done") whole.failed(`${schema}.${name}`);
        if (work === "build") outbox.forget();
        outbox.put((described) =>
          withMart(described, { schema, name }, (mart) => endEvent(identity, run, ended, mart, work, end)),
        );
      };
    },
  };
}

async function withMart(
  described: Described,
  { schema, name }: ToldMart,
  make: (mart: DescribedMart) => RunEvent,
): Promise<RunEvent> {
  const mart = (await described()).get(name);
  if (mart === undefined) throw new Error(`marts.${name} is not among the marts that are described.`);
  return make(inEnvironment(mart, schema));
}
