import type { ContractIssue, Executor } from "@jukebase/platform";
import type { Identified } from "./identify.ts";
import { eventKey } from "./identity.ts";
import type { Sound } from "./judge.ts";
import type { Desk } from "./refuse.ts";
import { seal } from "./vault.ts";

/**
 * Keeps, sealed, what a mode took out of events that were just logged: all that were identified but those known already. The rows stand in quarantine beside the items, marked
 * `discarded-value` and linked to their event; they are no items: nothing counts them as received, and no replay takes them.
 */
export async function keepDiscardedValues(
  db: Executor,
  identified: readonly Identified[],
  known: ReadonlyMap<number, unknown>,
  { batchId, origin, day, sealing }: Pick<Desk, "batchId" | "origin" | "day"> & { readonly sealing: () => Promise<Buffer> },
): Promise<void> {
  if (!identified.some(({ event }) => event.discarded !== undefined)) return;
  const key = await sealing();
  const rows = identified.flatMap(({ event, ordinal, id }) =>
    event.discarded === undefined || known.has(ordinal)
      ? []
      : [
          {
            ordinal,
            line: event.received.line,
            type: event.type,
            event_id: id,
            issues: event.discarded.issues,
            version: event.body.version,
            value_of: eventKey(origin.source.source, id),
            bytes: seal(key, Buffer.from(JSON.stringify(withSubject(event, event.discarded.values)))).toString("base64"),
          },
        ],
  );
  if (rows.length === 0) return;
  await db.query(
    `insert into events.quarantine (
       batch_id, ordinal, source, load_id, line, type, event_id, reason, issues, version, bytes, bytes_day, status, value_of, received_at,
       resolved_at
     )
     select
       $2::bigint, ordinal, $3, $4::uuid, line, type, event_id, 'discarded-value', issues, version, decode(bytes, 'base64'), $5::date,
       'discarded-value', value_of, $6::timestamptz, $6::timestamptz
     from jsonb_to_recordset($1::jsonb) as row(
       ordinal int, line bigint, type text, event_id text, issues jsonb, version smallint, value_of uuid, bytes text
     )`,
    [JSON.stringify(rows), batchId, origin.source.source, origin.loadId ?? null, day, origin.receivedAt.toISOString()],
  );
}

/** Values that a mode took out of an event when it was logged: the item in quarantine that keeps them, and the rules that they broke. */
export type DiscardedFrom = {
  readonly quarantine: string;
  readonly since: string;
  readonly issues: readonly ContractIssue[];
  /** Not after the key of their day expired, or whoever they tell of was erased. */
  readonly readable: boolean;
};

/** What a mode took out of the event of a key; nothing of most. */
export function discardedFrom(db: Executor, event_key: string): Promise<DiscardedFrom[]> {
  return db.query<DiscardedFrom>(
    `select
       quarantine_id as quarantine, received_at as since, issues,
       bytes is not null and exists (select from vault.day_key where day_key.day = bytes_day) as readable
     from events.quarantine
     where value_of = $1::uuid
     order by quarantine_id`,
    [event_key],
  );
}

// Of whom the values tell stands beside them, so that erasing that person finds them.
function withSubject({ contract: { subject }, body }: Sound, values: Readonly<Record<string, unknown>>): object {
  return subject === undefined ? values : { ...values, [subject.field]: body.data[subject.field] };
}
