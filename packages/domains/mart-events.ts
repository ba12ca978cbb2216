import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { MartListener } from "@jukebase/marts";
import { columnLineage } from "@jukebase/marts/lineage/columns.ts";
import { datasetsOf } from "@jukebase/marts/openlineage/datasets.ts";
import { describeMarts } from "@jukebase/marts/openlineage/describe-marts.ts";
import { type EmitterCounts, makeEmitter } from "@jukebase/marts/openlineage/emitter.ts";
import { fileTransport, httpTransport, type Post, type Transport } from "@jukebase/marts/openlineage/transport.ts";
import { type Clock, type Config, type Database, type Mart, pgExecutor } from "@jukebase/platform";

/** By which work on marts is told to whoever gathers lineage, if the configuration names anybody. */
export type MartEvents = {
  /** Does work on marts under the name of one job; a listener is passed on to what builds, refreshes or tests. */
  readonly during: <T>(
    job: string,
    work: (listener: MartListener | undefined) => Promise<T>,
    options?: { readonly scheduledFor?: Date | undefined },
  ) => Promise<T>;
  /** What became of the events so far. */
  readonly counts: () => EmitterCounts;
  /** Sends what still waits, for two seconds at the most. */
  readonly close: () => Promise<void>;
};

/** What events are made of. `post` sends HTTP requests; `say` is told when events cannot be delivered. */
export type MartEventsParts = {
  readonly database: Pick<Database, "pg" | "url">;
  readonly marts: readonly Mart[];
  readonly clock: Clock;
  readonly say: (line: string) => void;
  readonly post?: Post | undefined;
};

/** OpenLineage events as the configuration wants them; without any, work is only done. What goes wrong with events never fails the work. */
export function martEvents({ openLineage }: Pick<Config, "openLineage">, parts: MartEventsParts): MartEvents {
  if (openLineage === undefined) return { during: (_, work) => work(undefined), counts: () => none, close: async () => {} };
  const { database, marts, clock, say, post = fetch } = parts;
  const db = pgExecutor(database.pg);
  const emitter = makeEmitter({
    identity: { producer: "urn:jukebase:marts", namespace: openLineage.namespace, datasets: datasetsOf(database.url) },
    send: transportTo(openLineage, post),
    describe: async () => describeMarts(db, marts, await columnLineage(db, marts)),
    clock,
    newId: randomUUID,
    onTrouble: (problem, { failed, dropped }) =>
      say(
        problem === undefined
          ? `OpenLineage events are delivered again; ${failed + dropped} were lost.`
          : `OpenLineage events cannot be delivered: ${problem}`,
      ),
  });
  const close = async (): Promise<void> => {
    await emitter.close();
    const { sent, failed, dropped } = emitter.counts();
    if (failed + dropped > 0) say(`OpenLineage events: ${sent} delivered, ${failed + dropped} lost.`);
  };
  return { ...emitter, close };
}

const none: EmitterCounts = { sent: 0, failed: 0, dropped: 0 };

function transportTo(target: NonNullable<Config["openLineage"]>, post: Post): Transport {
  if ("file" in target) return fileTransport(target.file);
  return httpTransport(target, post, (ms, signal) => wait(ms, undefined, { signal }));
}
