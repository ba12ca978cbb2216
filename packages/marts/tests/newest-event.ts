import type { Executor } from "@jukebase/platform/executor.ts";

/** When the newest event of the log happened, and up to which batch the log was searched for it. */
export type NewestEvent = { readonly at: Date | undefined; readonly seq: number };

/**
 * The newest event of the log: the present, as far as data can tell. An event that claims to lie in the future is as new as its receipt;
 * one that changes another happened whenever somebody thought of it, and does not count.
 * Earlier runs of tests have noted how far they looked, so only later batches are read.
 */
export async function newestEvent(db: Executor): Promise<NewestEvent> {
  const [found] = await db.query<{ at: string | null; seq: string }>(`
    with
      known as (
        select newest_at, newest_seq from marts_store.test_run where newest_seq is not null order by newest_seq desc limit 1
      ),
      later as (
        select max(least(log.occurred_at, batch.received_at)) as at
        from events.batch
        join events.log on log.batch_id = batch.batch_id
        where batch.seq > coalesce((select newest_seq from known), 0) and log.amends is null and log.retracts is null
      )
    select
      to_jsonb(greatest((select newest_at from known), (select at from later))) #>> '{}' as at,
      (select coalesce(max(seq), 0) from events.batch)::text as seq`);
  return { at: found?.at == null ? undefined : new Date(found.at), seq: Number(found?.seq ?? 0) };
}
