import type { Jukebase } from "@jukebase/domains/open.ts";
import { groupWorkQueue } from "@jukebase/events";
import { handedOverQueue } from "@jukebase/events/handed-over.ts";
import type { Projection } from "@jukebase/platform";
import type { QueueDefinition } from "@jukebase/platform/jobs.ts";

/** The queue that refreshes the marts. */
export const martsQueue = "marts.refresh";
/** The queue that makes the log's partitions ahead of time. */
export const partitionsQueue = "events.partitions";
/** The queue that archives the log's partitions by policy. */
export const archiveQueue = "events.archive";
/** The queue that clears away what nobody needs any more. */
export const sweepQueue = "platform.sweep";

/** The queue that brings one projection up to the end of the log. */
export function projectionQueue({ name }: Pick<Projection, "name">): string {
  return `${name}.project`;
}

/** Every projection of the installation. */
export function projectionsOf({ domains }: Pick<Jukebase, "domains">): readonly Projection[] {
  return domains.flatMap((domain) => domain.projections);
}

/** Every queue of the installation. */
export function queuesOf(jukebase: Pick<Jukebase, "domains">): readonly QueueDefinition[] {
  const looksAgain = [...projectionsOf(jukebase).map(projectionQueue), martsQueue, partitionsQueue, archiveQueue, sweepQueue];
  const works = [handedOverQueue, groupWorkQueue];
  return [
    ...works.map((name) => ({ name, kind: "each" }) as const),
    ...looksAgain.map((name) => ({ name, kind: "latest" }) as const),
  ];
}
