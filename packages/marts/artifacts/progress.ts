import type { Executor } from "@jukebase/platform/executor.ts";

/** How far a projection's tables hold the log. Instants are ISO 8601 in UTC, as batches were received; null where there is no such batch. */
export type ProjectionProgress = {
  readonly projection: string;
  readonly newest_read: string | null;
  readonly oldest_unread: string | null;
};

/** The live projections, by name. */
export async function projectionProgress(db: Executor): Promise<ProjectionProgress[]> {
  return db.query<ProjectionProgress>(
    `select
       checkpoint.projection,
       (
         select to_jsonb(batch.received_at) #>> '{}'
         from events.batch
         where batch.seq <= checkpoint.seq
         order by batch.seq desc
         limit 1
       ) as newest_read,
       (
         select to_jsonb(batch.received_at) #>> '{}'
         from events.batch
         where batch.seq > checkpoint.seq
         order by batch.seq
         limit 1
       ) as oldest_unread
     from events.checkpoint
     where checkpoint.generation = 1
     order by checkpoint.projection`,
  );
}

/** SQL for the same: the instant up to which a projection's tables hold all that was received. */
export function completeUntil(projection: string): string {
  return `select coalesce(min(batch.received_at), now())
from events.batch
where batch.seq > (
  select checkpoint.seq
  from events.checkpoint
  where checkpoint.projection = '${projection}' and checkpoint.generation = 1
)`;
}
