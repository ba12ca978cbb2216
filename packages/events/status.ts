import type { Executor, Projection } from "@jukebase/platform";
import { type ArchivedBalance, archivedBalance } from "./archive/balance.ts";

/** Law 1 for one source: everything received is somewhere. `lost` is 0, or something is wrong. */
export type SourceBalance = {
  readonly source: string;
  readonly received: number;
  readonly logged: number;
  readonly duplicates: number;
  readonly in_quarantine: number;
  readonly discarded: number;
  readonly expired: number;
  readonly lost: number;
};

/** Received by the batches' count against what the tables and the archives hold, per source. */
export function sourceBalances(db: Executor): Promise<SourceBalance[]> {
  return db.query<SourceBalance>(
    `with batches as (
       select source, sum(received) as received, sum(duplicates) as duplicates
       from events.batch
       group by source
     ),
     logs as (
       select source, sum(logged) as logged
       from (
         select source, count(*) as logged
         from events.log
         where not exists (select from events.recalled where recalled.log_id = log.log_id)
         group by source
         union all
         select source, sum(archive_count.rows)
         from events.archive_count
         join events.archive using (partition)
         where attached_at is null
         group by source
       ) as standing
       group by source
     ),
     held as (
       select
         source,
         count(*) filter (where status = 'open') as in_quarantine,
         count(*) filter (where status = 'discarded') as discarded,
         count(*) filter (where status = 'expired') as expired
       from events.quarantine
       group by source
     )
     select
       source.source,
       coalesce(received, 0)::bigint as received,
       coalesce(logged, 0)::bigint as logged,
       coalesce(duplicates, 0)::bigint as duplicates,
       coalesce(in_quarantine, 0)::bigint as in_quarantine,
       coalesce(discarded, 0)::bigint as discarded,
       coalesce(expired, 0)::bigint as expired,
       (
         coalesce(received, 0) - coalesce(logged, 0) - coalesce(duplicates, 0) - coalesce(in_quarantine, 0) - coalesce(discarded, 0)
         - coalesce(expired, 0)
       )::bigint as lost
     from events.source
     left join batches using (source)
     left join logs using (source)
     left join held using (source)
     order by source.source`,
  );
}

/** Law 1 for one projection: every event of its types is in its tables, changed another, waits, is parked, or is yet unread. */
export type ProjectionBalance = {
  readonly projection: string;
  readonly seq: number;
  readonly behind_batches: number;
  readonly events: number;
  readonly projected: number;
  readonly changes: number;
  readonly withdrawn: number;
  readonly waiting: number;
  readonly parked: number;
  readonly unread: number;
  readonly lost: number;
};

/**
 * Counts a projection's events against its tables. `projected` is what stands in its fact tables and waits for nobody; `changes` are
 * amendments and retractions that were applied; `withdrawn` are events that a retraction took out again.
 */
export async function projectionBalance(db: Executor, projection: Projection, generation = 1): Promise<ProjectionBalance> {
  const facts = Object.values(projection.facts)
    .map((table) => `select log_id from ${projection.schema}.${table}`)
    .join(" union all ");
  const [row] = await db.query<Omit<ProjectionBalance, "projection" | "lost">>(
    `with reached as (
       select coalesce(max(seq), 0) as seq
       from events.checkpoint
       where projection = $1 and generation = $2
     ),
     logged as (
       select log.log_id, log.event_key, log.amends is not null or log.retracts is not null as changes, batch.seq > reached.seq as unread
       from events.log
       join events.batch on batch.batch_id = log.batch_id
       cross join reached
       where log.type = any($3::text[])
         and not exists (select from events.recalled where recalled.log_id = log.log_id)
     ),
     facts as (${facts}),
     waiters as (
       select distinct log_id
       from events.waiting
       where projection = $1 and generation = $2
     ),
     parkers as (
       select log_id
       from events.parked
       where projection = $1 and generation = $2
     ),
     judged as (
       select
         logged.*,
         facts.log_id is not null as stands,
         waiters.log_id is not null as waits,
         parkers.log_id is not null as parked,
         not logged.unread and not logged.changes and facts.log_id is null and parkers.log_id is null
           and events.effective(logged.event_key, reached.seq) is null as retracted
       from logged
       cross join reached
       left join facts on facts.log_id = logged.log_id
       left join waiters on waiters.log_id = logged.log_id
       left join parkers on parkers.log_id = logged.log_id
     )
     select
       (select seq from reached) as seq,
       (select count(*) from events.batch, reached where batch.seq > reached.seq)::int as behind_batches,
       count(*)::bigint as events,
       count(*) filter (where stands and not waits)::bigint as projected,
       count(*) filter (where changes and not unread and not waits and not parked)::bigint as changes,
       count(*) filter (where retracted)::bigint as withdrawn,
       count(*) filter (where waits)::bigint as waiting,
       count(*) filter (where parked)::bigint as parked,
       count(*) filter (where unread)::bigint as unread
     from judged`,
    [projection.name, generation, projection.types],
  );
  const counted = withArchived(
    row as Omit<ProjectionBalance, "projection" | "lost">,
    await archivedBalance(db, projection, generation),
  );
  const found = counted.projected + counted.changes + counted.withdrawn + counted.waiting + counted.parked + counted.unread;
  return { projection: projection.name, ...counted, lost: counted.events - found };
}

function withArchived(
  logged: Omit<ProjectionBalance, "projection" | "lost">,
  archived: ArchivedBalance,
): Omit<ProjectionBalance, "projection" | "lost"> {
  return {
    ...logged,
    events: logged.events + archived.events,
    projected: logged.projected + archived.projected,
    changes: logged.changes + archived.changes,
    withdrawn: logged.withdrawn + archived.withdrawn,
    waiting: logged.waiting + archived.waiting,
    parked: logged.parked + archived.parked,
  };
}
