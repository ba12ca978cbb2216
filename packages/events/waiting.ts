import { type Executor, Invalid, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Doer } from "./doer.ts";
import type { Intake } from "./load.ts";

/** A parent that has not come, and the events that wait for it. `orphans` of them have waited longer than the limit of its kind. */
export type AwaitedParent = {
  readonly kind: string;
  readonly id: string;
  readonly events: number;
  readonly orphans: number;
  readonly oldest: string;
  readonly age_days: number;
  readonly limit_days: number;
  readonly types: readonly string[];
  /** Of those that stand in the log; of archived ones only their files say it. */
  readonly sources: readonly string[];
  /** The event that has waited longest. */
  readonly sample: string;
};

/** Which parents: of a kind, awaited for at least so many days, only those with orphans. */
export type WaitingFilter = {
  readonly kind?: string | undefined;
  readonly olderThanDays?: number | undefined;
  readonly orphans?: boolean | undefined;
};

/** After how many days without its parent an event is an orphan, where nothing else was said. */
export const defaultLimit_days = 30;

/** Stands for every kind that has no limit of its own. */
export const everyKind = "*";

/** The parents that events wait for, longest awaited first. Ages are counted to `now`; an event of several projections counts once. */
export function awaitedParents(
  db: Executor,
  now: Date,
  { kind, olderThanDays, orphans }: WaitingFilter = {},
  limit = 100,
  offset = 0,
): Promise<AwaitedParent[]> {
  return db.query<AwaitedParent>(
    `${waiters}
     select
       needs_kind as kind, needs_id as id, count(*)::int as events, count(*) filter (where is_orphan)::int as orphans, min(since) as oldest,
       floor(extract(epoch from $1::timestamptz - min(since)) / 86400)::int as age_days, min(limit_days) as limit_days,
       array_agg(distinct waiter.type) as types, coalesce(array_agg(distinct log.source) filter (where log.source is not null), '{}') as sources,
       (array_agg(waiter.event_key order by since, waiter.event_key))[1] as sample
     from waiter
     left join events.log on log.log_id = waiter.log_id and log.event_key = waiter.event_key
     where ($3::text is null or needs_kind = $3)
     group by needs_kind, needs_id, needs_key
     having ($4::int is null or min(since) <= $1::timestamptz - make_interval(days => $4))
       and ($5::boolean is not true or bool_or(is_orphan))
     order by min(since), needs_kind, needs_id
     limit $6 offset $7`,
    [now.toISOString(), defaultLimit_days, kind ?? null, olderThanDays ?? null, orphans ?? null, limit, offset],
  );
}

/** How many events wait for parents of each kind, and how many of them are orphans. */
export type WaitingCount = {
  readonly kind: string;
  readonly parents: number;
  readonly events: number;
  readonly orphans: number;
  readonly limit_days: number;
};

/** Counts for metrics, console and doctor; the kinds in the order of their names. */
export function waitingCounts(db: Executor, now: Date): Promise<WaitingCount[]> {
  return db.query<WaitingCount>(
    `${waiters}
     select
       needs_kind as kind, count(distinct needs_key)::int as parents, count(distinct log_id)::int as events,
       count(distinct log_id) filter (where is_orphan)::int as orphans, min(limit_days) as limit_days
     from waiter
     group by needs_kind
     order by needs_kind`,
    [now.toISOString(), defaultLimit_days],
  );
}

/** The limits that somebody has set, by kind. */
export function waitingLimits(db: Executor): Promise<{ kind: string; days: number }[]> {
  return db.query("select kind, days from events.waiting_limit order by kind");
}

/** Sets after how many days events that wait for a parent of this kind (`*`: any without a limit of its own) are orphans. */
export async function setWaitingLimit(
  { database, clock }: Pick<Intake, "database" | "clock">,
  kind: string,
  days: number,
  by: Doer,
): Promise<void> {
  if (kind !== everyKind && !/^[a-z][a-z0-9_-]{0,62}$/.test(kind))
    throw new Invalid(`"${kind}" is not a kind of parent: \`jukebase waiting list\` shows them; * stands for every other kind.`);
  if (!Number.isInteger(days) || days < 1 || days > 3650) throw new Invalid("A limit is 1 to 3650 whole days.");
  return transaction(database.pg, async (db) => {
    const [known] = await db.query<{ days: number }>("select days from events.waiting_limit where kind = $1 for update", [kind]);
    await db.query(
      "insert into events.waiting_limit (kind, days) values ($1, $2) on conflict (kind) do update set days = excluded.days",
      [kind, days],
    );
    const before = { days: known?.days ?? null };
    await audit(db, { ...by, action: "waiting.limit", object: `waiting: ${kind}`, before, after: { days } }, clock.now());
  });
}

// Whether an event is an orphan follows from its age alone, so that no mark of it can be out of date. $1 is now, $2 the usual limit.
const waiters = `with waiter as (
  select
    waiting.log_id, waiting.event_key, waiting.type, needs_kind, needs_id, needs_key, min(since) as since,
    coalesce(own.days, every.days, $2::int) as limit_days,
    min(since) <= $1::timestamptz - make_interval(days => coalesce(own.days, every.days, $2::int)) as is_orphan
  from events.waiting
  left join events.waiting_limit as own on own.kind = needs_kind
  left join events.waiting_limit as every on every.kind = '*'
  where generation = 1
  group by waiting.log_id, waiting.event_key, waiting.type, needs_kind, needs_id, needs_key, own.days, every.days
)`;
