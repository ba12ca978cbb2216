import type { Executor } from "@jukebase/platform/executor.ts";
import type { Load } from "./pressure.ts";

/** Batches further ahead than this are not counted: that many are far behind, however many more there are. */
const counted_max = 2_000;

/**
 * What the database has to do besides refreshing: events that a projection has not read which gets on, what came in lately, and how many
 * of its sessions stand in each other's way now. A projection that stands still, since it fails or is rebuilt, is not waited for. One query;
 * sessions of other users count only where the server shows them (pg_monitor).
 */
export async function measureLoad(db: Executor): Promise<Load> {
  const [row] = await db.query<{ unread: string; received: string; waiting: string }>(
    `select
       (
         select coalesce(sum(ahead.logged), 0)::text
         from (
           select logged
           from events.batch
           where seq > (
             select min(seq)
             from events.checkpoint
             where generation = 1 and updated_at > clock_timestamp() - interval '1 minute'
           )
           order by seq
           limit ${counted_max}
         ) as ahead
       ) as unread,
       (
         select coalesce(sum(lately.received), 0)::text
         from (
           select received, received_at
           from events.batch
           order by seq desc
           limit ${counted_max}
         ) as lately
         where received_at > clock_timestamp() - interval '5 seconds'
       ) as received,
       (
         select count(*)::text
         from pg_stat_activity
         where datname = current_database()
           and backend_type = 'client backend'
           and state = 'active'
           and wait_event_type in ('Lock', 'LWLock', 'IO', 'BufferPin')
           and pid <> pg_backend_pid()
       ) as waiting`,
  );
  return {
    unread_events: Number(row?.unread),
    received_per_s: Number(row?.received) / 5,
    waiting_sessions: Number(row?.waiting),
  };
}
