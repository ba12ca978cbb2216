import type { Executor } from "@jukebase/platform";

/** One line of the list of events. */
export type EventLine = {
  readonly event_key: string;
  readonly type: string;
  readonly source: string;
  readonly event_id: string;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly seq: number;
  readonly ordinal: number;
  readonly fate: "waiting" | "parked" | null;
};

/** Which events; `fate` picks those that no projection could apply yet. */
export type EventFilter = {
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly fate: "waiting" | "parked" | undefined;
};

/** A place in the log: the batch and the event's number in it. */
export type Position = { readonly seq: number; readonly ordinal: number };

/** The newest events that come before a position, newest first. */
export function eventsBefore(
  db: Executor,
  filter: EventFilter,
  before: Position | undefined,
  limit: number,
): Promise<EventLine[]> {
  return db.query<EventLine>(
    `select
       log.event_key, log.type, log.source, log.event_id, log.occurred_at, batch.received_at as recorded_at, batch.seq, log.ordinal,
       case
         when exists (select from events.parked where parked.log_id = log.log_id and parked.generation = 1) then 'parked'
         when exists (select from events.waiting where waiting.log_id = log.log_id and waiting.generation = 1) then 'waiting'
       end as fate
     from events.batch
     join events.log on log.batch_id = batch.batch_id
     where ($1::text is null or log.type = $1)
       and ($2::text is null or log.source = $2)
       and ($3::text is distinct from 'waiting' or log.log_id in (select log_id from events.waiting where generation = 1))
       and ($3::text is distinct from 'parked' or log.log_id in (select log_id from events.parked where generation = 1))
       and ($4::bigint is null or (batch.seq <= $4 and (batch.seq, log.ordinal) < ($4, $5::integer)))
     order by batch.seq desc, log.ordinal desc
     limit $6`,
    [filter.type ?? null, filter.source ?? null, filter.fate ?? null, before?.seq ?? null, before?.ordinal ?? null, limit],
  );
}

/** Items in quarantine that have a type and a status in common. */
export type HeldOfType = {
  readonly status: string;
  readonly items: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly sources: readonly string[];
};

/** What is in quarantine of an event type. */
export function heldOfType(db: Executor, type: string): Promise<HeldOfType[]> {
  return db.query<HeldOfType>(
    `select
       status, count(*)::int as items, min(received_at) as first_seen, max(received_at) as last_seen,
       array_agg(distinct source order by source) as sources
     from events.quarantine
     where type = $1
     group by status
     order by status`,
    [type],
  );
}

/** How far a projection that reads a type has come. */
export type Reader = { readonly projection: string; readonly seq: number };

/** Each live projection's position. */
export function readers(db: Executor): Promise<Reader[]> {
  return db.query<Reader>("select projection, seq from events.checkpoint where generation = 1 order by projection");
}

/** The declared sources, for filters and suggestions. */
export async function sourceNames(db: Executor): Promise<string[]> {
  const rows = await db.query<{ source: string }>("select source from events.source order by source");
  return rows.map(({ source }) => source);
}
