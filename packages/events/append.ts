import type { ContractIssue, Executor } from "@jukebase/platform";
import { type Identified, identify } from "./identify.ts";
import { eventKey } from "./identity.ts";
import type { Judged } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { quarantine, refusedItem } from "./refuse.ts";
import type { Source } from "./source.ts";
import { dayKey, keep, seal, token, type VaultValue } from "./vault.ts";

/** What became of one received item, in the order received. */
export type Verdict =
  | { readonly outcome: "accepted"; readonly id: string; readonly key: string }
  | { readonly outcome: "duplicate"; readonly id: string; readonly key: string }
  | {
      readonly outcome: "quarantined";
      readonly id: string | undefined;
      readonly quarantine: string;
      readonly issues: readonly ContractIssue[];
    };

/** Where a batch comes from. `moved` marks a replay: its items leave the quarantine, they are not received again. */
export type BatchOrigin = {
  readonly source: Source;
  readonly keys: Keys;
  readonly receivedAt: Date;
  readonly loadId?: string | undefined;
  /** A request's Idempotency-Key: equal facts without ids are told apart by it. */
  readonly scope?: string | undefined;
  readonly moved?: boolean;
  /** Replays: the quarantined item each judged item comes from, in the same order. */
  readonly from?: readonly string[];
  /** Runs before the batch is closed, in the same transaction: what must be committed with it. */
  readonly settle?: (counts: Counts) => Promise<void>;
};

/** How many items of a batch met which fate. */
export type Counts = {
  readonly received: number;
  readonly logged: number;
  readonly duplicates: number;
  readonly quarantined: number;
};

/**
 * Writes one batch into the event log, in the caller's transaction: what is new is logged, what was logged with the same body is a
 * duplicate, what was logged with another body or broke its contract is quarantined. One verdict per item, in order.
 * Its last statement takes a lock that is held to the commit, so that the order of `seq` is the order of commits: commit soon.
 */
export async function append(db: Executor, judged: readonly Judged[], origin: BatchOrigin): Promise<Verdict[]> {
  const [drawn] = await db.query<{ batch_id: string }>("select nextval('events.batch_id')::text as batch_id");
  const batchId = (drawn as { batch_id: string }).batch_id;
  const { identified, unchanged } = await identify(db, judged, origin);
  const entries = identified.map((event) => entryOf(event, origin));
  const day = origin.receivedAt.toISOString().slice(0, 10);
  const key = (await dayKey(db, origin.keys, day, true)) as Buffer;

  const logged = await insertEntries(db, batchId, entries, day, key);
  await noteChanges(
    db,
    batchId,
    entries.filter((entry) => logged.has(entry.ordinal)),
  );
  const { duplicates, conflicts } = await sortOutKnown(
    db,
    entries.filter((entry) => !logged.has(entry.ordinal)),
  );
  await keep(
    db,
    origin.keys,
    entries.filter((entry) => logged.has(entry.ordinal)).flatMap((entry) => entry.vault),
  );

  const outcomes = new Map<number, Verdict>();
  for (const entry of entries) {
    if (logged.has(entry.ordinal)) outcomes.set(entry.ordinal, { outcome: "accepted", id: entry.event_id, key: entry.event_key });
    if (duplicates.has(entry.ordinal))
      outcomes.set(entry.ordinal, { outcome: "duplicate", id: entry.event_id, key: entry.event_key });
  }
  for (const [ordinal, known] of unchanged)
    outcomes.set(ordinal, { outcome: "duplicate", id: known, key: eventKey(origin.source.source, known) });

  const refused = judged.flatMap((item, ordinal) => refusedItem(item, ordinal, conflicts));
  await quarantine(db, refused, { batchId, origin, day, key, outcomes });
  const counts = countsOf([...outcomes.values()]);
  await origin.settle?.(counts);
  await closeBatch(db, batchId, origin, counts);
  return judged.map((_, ordinal) => outcomes.get(ordinal) as Verdict);
}

type Entry = {
  readonly ordinal: number;
  readonly event_key: string;
  readonly event_id: string;
  readonly body: string;
  readonly row: Record<string, unknown>;
  readonly unknown: Record<string, unknown> | undefined;
  readonly vault: readonly VaultValue[];
};

function entryOf({ event, ordinal, id }: Identified, { source, keys }: BatchOrigin): Entry {
  const [kind, ...natural] = (event.body.subject ?? "").split(":");
  const subject = `${kind}:${source.namespace}:${natural.join(":")}`;
  const vault = event.body.pii.map(({ path, value }) => ({
    token: token(keys, subject, path, source.source, id),
    subject,
    field: path,
    value,
  }));
  const data = vault.reduce((body, value) => withToken(body, value.field, value.token), event.body.data);
  const key = eventKey(source.source, id);
  return {
    ordinal,
    event_key: key,
    event_id: id,
    body: event.hash,
    unknown: event.body.unknown,
    vault,
    row: {
      ordinal,
      event_key: key,
      body: event.hash,
      type: event.type,
      version: event.body.version,
      normaliser: event.contract.normaliser,
      source: source.source,
      event_id: id,
      occurred_at: event.body.occurredAt,
      data,
      sent: Object.keys(event.body.sent).length > 0 ? event.body.sent : null,
      amends: event.amends === undefined ? null : eventKey(source.source, event.amends),
      retracts: event.retracts === undefined ? null : eventKey(source.source, event.retracts),
    },
  };
}

// "$.a.b" → the body with the token at a.b; the contract left that place empty.
function withToken(body: Record<string, unknown>, path: string, value: string): Record<string, unknown> {
  const [head, ...rest] = path.replace(/^\$\./, "").split(".");
  if (head === undefined) return body;
  if (rest.length === 0) return { ...body, [head]: value };
  return { ...body, [head]: withToken((body[head] ?? {}) as Record<string, unknown>, rest.join("."), value) };
}

async function insertEntries(
  db: Executor,
  batchId: string,
  entries: readonly Entry[],
  day: string,
  key: Buffer,
): Promise<Set<number>> {
  if (entries.length === 0) return new Set();
  const rows = entries.map((entry) => ({
    ...entry.row,
    unknown: entry.unknown === undefined ? null : seal(key, Buffer.from(JSON.stringify(entry.unknown))).toString("base64"),
  }));
  const logged = await db.query<{ ordinal: number }>(
    `with incoming as materialized (
       select *
       from jsonb_to_recordset($1::jsonb) as row(
         ordinal int, event_key uuid, body uuid, type text, version smallint, normaliser smallint, source text, event_id text,
         occurred_at timestamptz, data jsonb, sent jsonb, unknown text, amends uuid, retracts uuid
       )
     ),
     firsts as (
       select distinct on (event_key) *
       from incoming
       order by event_key, ordinal
     ),
     fresh as materialized (
       select uuidv7() as log_id, firsts.*
       from firsts
       order by ordinal
     ),
     claimed as (
       insert into events.key (event_key, body, log_id)
       select event_key, body, log_id
       from fresh
       order by event_key
       on conflict (event_key) do nothing
       returning event_key
     )
     insert into events.log (
       log_id, event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data, sent, unknown,
       unknown_day, amends, retracts
     )
     select
       log_id, event_key, $2::bigint, ordinal, type, version, normaliser, source, event_id, occurred_at, data,
       nullif(sent, 'null'), decode(unknown, 'base64'), case when unknown is not null then $3::date end, amends, retracts
     from fresh
     join claimed using (event_key)
     order by ordinal
     returning ordinal`,
    [JSON.stringify(rows), batchId, day],
  );
  return new Set(logged.map((row) => row.ordinal));
}

async function noteChanges(db: Executor, batchId: string, logged: readonly Entry[]): Promise<void> {
  const changes = logged.filter(({ row }) => row.amends !== null || row.retracts !== null);
  if (changes.length === 0) return;
  const rows = changes.map(({ event_key, row }) => ({
    target_key: row.amends ?? row.retracts,
    change_key: event_key,
    how: row.amends ? "amends" : "retracts",
  }));
  await db.query(
    `insert into events.change (target_key, change_key, how, batch_id)
     select target_key, change_key, how, $2::bigint
     from jsonb_to_recordset($1::jsonb) as row(target_key uuid, change_key uuid, how text)`,
    [JSON.stringify(rows), batchId],
  );
}

// What another batch, or an earlier item of this one, has logged: the same body is a duplicate, another is a conflict.
async function sortOutKnown(
  db: Executor,
  rest: readonly Entry[],
): Promise<{ duplicates: Set<number>; conflicts: Map<number, string> }> {
  const duplicates = new Set<number>();
  const conflicts = new Map<number, string>();
  if (rest.length === 0) return { duplicates, conflicts };
  const known = await db.query<{ event_key: string; body: string }>(
    "select event_key, body from events.key where event_key = any($1::uuid[])",
    [[...new Set(rest.map((entry) => entry.event_key))]],
  );
  const bodies = new Map(known.map((row) => [row.event_key, row.body]));
  for (const entry of rest) {
    if (bodies.get(entry.event_key) === entry.body) duplicates.add(entry.ordinal);
    else conflicts.set(entry.ordinal, entry.event_id);
  }
  return { duplicates, conflicts };
}

function countsOf(verdicts: readonly Verdict[]): Counts {
  const count = (outcome: Verdict["outcome"]): number => verdicts.filter((verdict) => verdict.outcome === outcome).length;
  return {
    received: verdicts.length,
    logged: count("accepted"),
    duplicates: count("duplicate"),
    quarantined: count("quarantined"),
  };
}

async function closeBatch(db: Executor, batchId: string, origin: BatchOrigin, counts: Counts): Promise<void> {
  await db.query(
    `with turn as materialized (
       select pg_advisory_xact_lock(hashtextextended('events.batch', 0)) as held
     )
     insert into events.batch (seq, batch_id, source, load_id, received, moved, logged, duplicates, quarantined, received_at)
     select nextval('events.batch_seq'), $1::bigint, $2, $3::uuid, $4::int, $5::int, $6::int, $7::int, $8::int, $9::timestamptz
     from turn`,
    [
      batchId,
      origin.source.source,
      origin.loadId ?? null,
      origin.moved ? 0 : counts.received,
      origin.moved ? counts.received : 0,
      counts.logged,
      counts.duplicates,
      counts.quarantined,
      origin.receivedAt.toISOString(),
    ],
  );
}
