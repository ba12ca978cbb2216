import { type Executor, NotFound } from "@jukebase/platform";
import { rowsOf } from "./archive/lines.ts";
import { type ArchivedAt, archivedEvent } from "./archive/show.ts";
import { type DiscardedFrom, discardedFrom } from "./discarded-values.ts";
import { eventKey } from "./identity.ts";

/** One event of the log, as people look at it; PII stands there as tokens. */
export type LoggedEvent = {
  readonly event_key: string;
  readonly source: string;
  readonly event_id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: string;
  readonly recorded_at: string;
  readonly seq: number;
  readonly ordinal: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly sent: Readonly<Record<string, unknown>> | null;
  readonly amends: string | null;
  readonly retracts: string | null;
};

const columns = `log.event_key, log.source, log.event_id, log.type, log.version, log.occurred_at, batch.received_at as recorded_at, batch.seq,
  log.ordinal, log.data, log.sent, log.amends, log.retracts`;

/** The newest events by position, newest first; `before` pages on. */
export function tail(
  db: Executor,
  filter: {
    readonly type?: string | undefined;
    readonly source?: string | undefined;
    readonly before?: number | undefined;
    readonly after?: number | undefined;
  },
  limit = 50,
): Promise<LoggedEvent[]> {
  return db.query<LoggedEvent>(
    `select ${columns}
     from events.batch
     join events.log on log.batch_id = batch.batch_id
     where ($1::text is null or log.type = $1)
       and ($2::text is null or log.source = $2)
       and ($3::bigint is null or batch.seq < $3)
       and ($4::bigint is null or batch.seq > $4)
     order by batch.seq desc, log.ordinal desc
     limit $5`,
    [filter.type ?? null, filter.source ?? null, filter.before ?? null, filter.after ?? null, limit],
  );
}

/** What became of one event: its log entry, what changes it (by its receipt where that is archived), and for each projection whether it waits or is parked. */
export type EventFate = LoggedEvent & {
  readonly changed_by: readonly { readonly event_id: string; readonly how: "amends" | "retracts" }[];
  readonly waiting: readonly { readonly projection: string; readonly needs_kind: string; readonly needs_id: string }[];
  readonly parked: readonly { readonly projection: string; readonly error: string }[];
  /** Since when and in which file it stands, if it left the log. */
  readonly archived: ArchivedAt | null;
  /** What a mode took out of it before it was logged, and where that is kept. */
  readonly discarded: readonly DiscardedFrom[];
};

/**
 * An event by its key (the receipt) or by its own id, optionally of one source; one that was archived is read from its file in the folder
 * `archive`. Throws `NotFound`, which says so where the event was purged.
 */
export async function showEvent(db: Executor, id: string, source?: string, archive?: string): Promise<EventFate> {
  const keys = await possibleKeys(db, id, source);
  const found = await archivedEvent(db, keys, archive);
  const [row] = await db.query<EventFate>(
    `select
       ${columns},
       coalesce((
         select jsonb_agg(jsonb_build_object('event_id', coalesce(changing.event_id, change.change_key::text), 'how', change.how))
         from events.change
         join events.key on key.event_key = change.change_key
         left join events.log as changing on changing.log_id = key.log_id and changing.event_key = key.event_key
         where change.target_key = log.event_key
       ), '[]') as changed_by,
       coalesce((
         select jsonb_agg(jsonb_build_object('projection', projection, 'needs_kind', needs_kind, 'needs_id', needs_id))
         from events.waiting
         where waiting.log_id = log.log_id and waiting.generation = 1
       ), '[]') as waiting,
       coalesce((
         select jsonb_agg(jsonb_build_object('projection', projection, 'error', error))
         from events.parked
         where parked.log_id = log.log_id and parked.generation = 1
       ), '[]') as parked
     from events.key
     join ${found === undefined ? "events.log" : `(select row.* from ${rowsOf("$2")}) as log`}
       on log.log_id = key.log_id and log.event_key = key.event_key
     join events.batch on batch.batch_id = log.batch_id
     where key.event_key = any($1::uuid[])
     order by batch.seq
     limit 1`,
    found === undefined ? [keys] : [keys, found.line],
  );
  if (!row)
    throw new NotFound(`No event in the log has the id ${id}. It may be in quarantine: see \`jukebase quarantine list\`.`);
  return { ...row, archived: found?.archived ?? null, discarded: await discardedFrom(db, row.event_key) };
}

// An id alone may be a receipt, or any source's own id: each leads to one key, so that the log need not be searched.
async function possibleKeys(db: Executor, id: string, source: string | undefined): Promise<string[]> {
  const sources = await db.query<{ source: string }>("select source from events.source where $1::text is null or source = $1", [
    source ?? null,
  ]);
  const receipt = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) ? [id] : [];
  return [...receipt, ...sources.map((known) => eventKey(known.source, id))];
}
