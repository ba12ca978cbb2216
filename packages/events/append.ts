import type { ContractIssue, Executor } from "@jukebase/platform";
import { keepDiscardedValues } from "./discarded-values.ts";
import { type Entry, entryOf } from "./entry.ts";
import { identify } from "./identify.ts";
import { eventKey } from "./identity.ts";
import type { Judged } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { quarantine, refusedItem } from "./refuse.ts";
import type { Source } from "./source.ts";
import { dayKey, keep } from "./vault.ts";
import { writeEntries } from "./write-entries.ts";

/** What became of one received item, in the order received. */
export type Verdict =
  | { readonly outcome: "accepted"; readonly id: string; readonly key: string }
  | { readonly outcome: "duplicate"; readonly id: string; readonly key: string }
  | {
      readonly outcome: "quarantined";
      readonly id: string | undefined;
      readonly quarantine: string;
      readonly issues: readonly ContractIssue[];
      /** By which mode it was discarded, in a sentence: it is kept, and nobody is asked to mend it. */
      readonly discardedBy?: string | undefined;
    };

/** Where a batch comes from. `moved` marks a replay: its items leave the quarantine, they are not received again. */
export type BatchOrigin = {
  readonly source: Source;
  readonly keys: Keys;
  readonly receivedAt: Date;
  readonly loadId?: string | undefined;
  /** A request's Idempotency-Key: equal facts without ids are told apart by it. It is kept sealed, and only with what goes to quarantine. */
  readonly scope?: string | undefined;
  readonly moved?: boolean;
  /** Replays: the quarantined item each judged item comes from, in the same order. */
  readonly from?: readonly string[];
  /** Runs before the batch is closed, in the same transaction: what must be committed with it. */
  readonly settle?: ((counts: Counts, verdicts: readonly Verdict[]) => Promise<void>) | undefined;
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
  const [drawn] = await db.query<Drawn>("select nextval('events.batch_id')::text as batch_id, uuidv7()::text as log_id");
  const { batch_id: batchId, log_id: firstLogId } = drawn as Drawn;
  const { identified, unchanged } = await identify(db, judged, origin);
  const entries = identified.map((event) => entryOf(event, origin));
  const day = origin.receivedAt.toISOString().slice(0, 10);
  const sealing = async (): Promise<Buffer> => (await dayKey(db, origin.keys, day, true)) as Buffer;

  const key = entries.some((entry) => entry.unknown !== undefined) ? await sealing() : undefined;
  const known = await writeEntries(db, entries, { batchId, firstLogId, day, key });
  const logged = known.size === 0 ? entries : entries.filter((entry) => !known.has(entry.ordinal));
  await noteChanges(db, batchId, logged);
  await keep(
    db,
    origin.keys,
    logged.flatMap((entry) => entry.vault),
  );

  const outcomes = new Map<number, Verdict>();
  const conflicts = new Map<number, string>();
  for (const { ordinal, event_id: id, event_key } of entries) {
    const was = known.get(ordinal);
    if (was === "conflict") conflicts.set(ordinal, id);
    else outcomes.set(ordinal, { outcome: was ?? "accepted", id, key: event_key });
  }
  for (const [ordinal, id] of unchanged)
    outcomes.set(ordinal, { outcome: "duplicate", id, key: eventKey(origin.source.source, id) });

  if (outcomes.size < judged.length) {
    const refused = judged.flatMap((item, ordinal) => refusedItem(item, ordinal, conflicts));
    await quarantine(db, refused, { batchId, origin, day, key: key ?? (await sealing()), outcomes });
  }
  await keepDiscardedValues(db, identified, known, { batchId, origin, day, sealing });
  const counts = countsOf(outcomes.values());
  const verdicts = judged.map((_, ordinal) => outcomes.get(ordinal) as Verdict);
  await origin.settle?.(counts, verdicts);
  await closeBatch(db, batchId, origin, counts);
  return verdicts;
}

type Drawn = { batch_id: string; log_id: string };

async function noteChanges(db: Executor, batchId: string, logged: readonly Entry[]): Promise<void> {
  const changes = logged.filter(({ amends, retracts }) => amends !== undefined || retracts !== undefined);
  if (changes.length === 0) return;
  const rows = changes.map(({ event_key, amends, retracts }) => ({
    target_key: amends ?? retracts,
    change_key: event_key,
    how: amends ? "amends" : "retracts",
  }));
  await db.query(
    `insert into events.change (target_key, change_key, how, batch_id)
     select target_key, change_key, how, $2::bigint
     from jsonb_to_recordset($1::jsonb) as row(target_key uuid, change_key uuid, how text)`,
    [JSON.stringify(rows), batchId],
  );
}

function countsOf(verdicts: Iterable<Verdict>): Counts {
  const count = { accepted: 0, duplicate: 0, quarantined: 0 };
  for (const { outcome } of verdicts) count[outcome] += 1;
  const { accepted: logged, duplicate: duplicates, quarantined } = count;
  return { received: logged + duplicates + quarantined, logged, duplicates, quarantined };
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
