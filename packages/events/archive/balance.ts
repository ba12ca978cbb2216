import type { Executor, Projection } from "@jukebase/platform";

/** Law 1 for the events of a projection that stand only in archives, or did until they were purged. */
export type ArchivedBalance = {
  readonly events: number;
  readonly projected: number;
  readonly changes: number;
  readonly withdrawn: number;
  readonly waiting: number;
  readonly parked: number;
};

/**
 * Counts them without their files: how many there are was written down when they were archived; what became of each stands in the
 * projection's own tables, in waiting and in parked; and which of them another event retracted, `events.archive_root` helps to tell.
 */
export async function archivedBalance(db: Executor, projection: Projection, generation: number): Promise<ArchivedBalance> {
  const [away] = await db.query<{ away: boolean }>(
    "select exists (select from events.archive where attached_at is null) as away",
  );
  if (!away?.away) return { events: 0, projected: 0, changes: 0, withdrawn: 0, waiting: 0, parked: 0 };
  const facts = Object.values(projection.facts)
    .map((table) => `select log_id from ${projection.schema}.${table}`)
    .join(" union all ");
  const [row] = await db.query<ArchivedBalance>(
    `with archive as materialized (
       select partition, from_log_id, to_log_id
       from events.archive
       where attached_at is null
     ),
     counted as (
       select coalesce(sum(rows), 0) as events, coalesce(sum(rows) filter (where changes), 0) as changes
       from events.archive_count
       join archive using (partition)
       where type = any($3::text[])
     ),
     facts as (${facts}),
     stands as (
       select facts.log_id
       from facts
       join archive on facts.log_id >= archive.from_log_id and facts.log_id < archive.to_log_id
     ),
     waiters as (
       select distinct log_id, event_key in (select change_key from events.change) as changes
       from events.waiting
       join archive on waiting.log_id >= archive.from_log_id and waiting.log_id < archive.to_log_id
       where projection = $1 and generation = $2
     ),
     parkers as (
       select log_id, event_key in (select change_key from events.change) as changes
       from events.parked
       join archive on parked.log_id >= archive.from_log_id and parked.log_id < archive.to_log_id
       where projection = $1 and generation = $2
     ),
     reached as (
       select coalesce(max(seq), 0) as seq
       from events.checkpoint
       where projection = $1 and generation = $2
     ),
     withdrawn as (
       select root.log_id
       from events.archive_root as root
       join archive using (partition)
       cross join reached
       where root.type = any($3::text[])
         and root.log_id not in (select log_id from stands)
         and root.log_id not in (select log_id from parkers)
         and events.effective(root.event_key, reached.seq) is null
     )
     select
       events::bigint as events,
       (select count(*) from stands where log_id not in (select log_id from waiters)) as projected,
       (
         changes - (select count(*) from waiters where waiters.changes) - (select count(*) from parkers where parkers.changes)
       )::bigint as changes,
       (select count(*) from withdrawn) as withdrawn,
       (select count(*) from waiters) as waiting,
       (select count(*) from parkers) as parked
     from counted`,
    [projection.name, generation, projection.types],
  );
  return row as ArchivedBalance;
}
