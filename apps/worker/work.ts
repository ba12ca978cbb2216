import type { Jukebase } from "@jukebase/domains/open.ts";
import { project } from "@jukebase/domains/project.ts";
import { ArchivesBusy, doGroupWork, groupWorkQueue, makePartitions, runArchive } from "@jukebase/events";
import { handedOverQueue } from "@jukebase/events/handed-over.ts";
import { type Projection, pgExecutor, transaction } from "@jukebase/platform";
import { loadFile } from "./load-file.ts";
import { archiveQueue, martsQueue, partitionsQueue, projectionQueue, projectionsOf, sweepQueue } from "./queues.ts";
import { refresh } from "./refresh.ts";
import { sweep } from "./sweep.ts";

/** One job's work: `interrupted` says when to stop at the next good place. What it returns is kept with the job: counts and ids only. */
export type Work = (jukebase: Jukebase, payload: unknown, interrupted: () => boolean) => Promise<object>;

/** What is done for each queue's jobs. */
export function workOf(jukebase: Pick<Jukebase, "domains">): ReadonlyMap<string, Work> {
  return new Map<string, Work>([
    [handedOverQueue, load],
    [groupWorkQueue, doGroupWork],
    ...projectionsOf(jukebase).map((projection) => [projectionQueue(projection), projecting(projection)] as const),
    [martsQueue, refresh],
    [
      partitionsQueue,
      ({ database, clock }) => transaction(database.pg, async (db) => ({ made: await makePartitions(db, clock.now()) })),
    ],
    [archiveQueue, archive],
    [sweepQueue, sweep],
  ]);
}

async function load(jukebase: Jukebase, payload: unknown, interrupted: () => boolean): Promise<object> {
  return (await loadFile(jukebase, payload, interrupted)) ?? { already: true };
}

// Tables and checkpoint are one transaction per step, so a job may end, or be taken over, between any two.
function projecting(projection: Projection): Work {
  return (jukebase, _payload, interrupted) => project(projection, jukebase, { actor: "job:projection", stopped: interrupted });
}

// While somebody rebuilds, purges or archives by hand, the next night will do.
async function archive(jukebase: Jukebase, _payload: unknown, interrupted: () => boolean): Promise<object> {
  const outcomes = await runArchive(jukebase, { actor: "job:events.archive", interrupted }).catch((error: unknown) => {
    if (error instanceof ArchivesBusy) return undefined;
    throw error;
  });
  if (outcomes === undefined) return { busy: true };
  const gone = outcomes.filter(({ left }) => left === undefined);
  const kept = outcomes.filter(({ left }) => left !== undefined);
  return {
    archived: gone.map(({ partition, rows, bytes }) => ({ partition, rows, bytes })),
    left: kept.map(({ partition, left }) => ({ partition, left })),
  };
}

/** Forgets what a queue of "look again" jobs failed at, now that one has passed. */
export async function forgetFailures({ database }: Jukebase, queue: string, deadLetters: string): Promise<void> {
  await pgExecutor(database.pg).query(
    `delete from pgboss.job
     where (name = $1 and state = 'failed')
        or (name = $2 and state < 'active')`,
    [queue, deadLetters],
  );
}
