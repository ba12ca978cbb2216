import type { Executor } from "@jukebase/platform";
import type { BatchOrigin, Verdict } from "./append.ts";
import { canonical } from "./canonical.ts";
import { bodyHash } from "./identity.ts";
import { type Broken, contentHash, type Judged } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { parseExact } from "./sources/index.ts";
import { seal } from "./vault.ts";

/** What of a batch goes to quarantine, and where in the batch it stood. */
export type Refused = { readonly ordinal: number; readonly item: Broken };

/** The item as refused: broken itself, or in conflict with what was received first; nothing when it was taken. */
export function refusedItem(item: Judged, ordinal: number, conflicts: Map<number, string>): Refused[] {
  if (!item.sound) return [{ ordinal, item }];
  const id = conflicts.get(ordinal);
  if (id === undefined) return [];
  const rule = `An event with the id "${id}" and another body was received first and stands. To correct it, send a new event that amends it.`;
  const issues = [{ path: "$.id", code: "conflicting-duplicate", rule }];
  return [
    {
      ordinal,
      item: {
        sound: false,
        type: item.type,
        id,
        reason: "conflicting-duplicate",
        issues,
        version: item.body.version,
        received: item.received,
      },
    },
  ];
}

/** The batch at hand. */
export type Desk = {
  readonly batchId: string;
  readonly origin: BatchOrigin;
  readonly day: string;
  readonly key: Buffer;
  readonly outcomes: Map<number, Verdict>;
};

/** Keeps what was refused, with the reasons; a replay leaves its items where they were. Notes the verdicts. */
export async function quarantine(db: Executor, refused: readonly Refused[], desk: Desk): Promise<void> {
  const back = desk.origin.from;
  const rows = refused.map(({ ordinal, item }) => ({
    ordinal,
    quarantine_id: back?.[ordinal] ?? null,
    line: item.received.line,
    type: item.type ?? null,
    event_id: item.id ?? null,
    reason: item.reason,
    issues: item.issues,
    version: item.version ?? null,
    status: item.discardedBy === undefined ? "open" : "discarded",
    resolution: item.discardedBy ?? null,
    content: contentOf(item, desk.origin.keys),
    scope: back || desk.origin.scope === undefined ? null : seal(desk.key, Buffer.from(desk.origin.scope)).toString("base64"),
    bytes: back ? null : seal(desk.key, item.received.bytes).toString("base64"),
    read: back ? null : readOtherwise(item, desk.key),
  }));
  if (rows.length === 0) return;
  const kept = back ? await keepQuarantined(db, rows, desk.origin.receivedAt) : await insertQuarantined(db, rows, desk);
  const ids = new Map(kept.map((row) => [row.ordinal, row.quarantine_id]));
  for (const { ordinal, item } of refused) {
    desk.outcomes.set(ordinal, {
      outcome: "quarantined",
      id: item.id,
      quarantine: ids.get(ordinal) as string,
      issues: item.issues,
      discardedBy: item.discardedBy,
    });
  }
}

type Kept = { ordinal: number; quarantine_id: string };

const quarantineRow = `jsonb_to_recordset($1::jsonb) as row(
  ordinal int, quarantine_id uuid, line bigint, type text, event_id text, reason text, issues jsonb, version smallint,
  status text, resolution text, content uuid, scope text, bytes text, read text
)`;

function insertQuarantined(db: Executor, rows: readonly object[], { batchId, origin, day }: Desk): Promise<Kept[]> {
  return db.query<Kept>(
    `insert into events.quarantine (
       batch_id, ordinal, source, load_id, line, type, event_id, reason, issues, version, content, sealed_scope, bytes, bytes_day, fixed,
       fixed_day, received_at, status, resolution, resolved_at
     )
     select
       $2::bigint, ordinal, $3, $4::uuid, line, type, event_id, reason, issues, version, content, decode(scope, 'base64'),
       decode(bytes, 'base64'), $5::date, decode(read, 'base64'), case when read is not null then $5::date end, $6::timestamptz, status, resolution,
       case when status = 'discarded' then $6::timestamptz end
     from ${quarantineRow}
     returning ordinal, quarantine_id`,
    [JSON.stringify(rows), batchId, origin.source.source, origin.loadId ?? null, day, origin.receivedAt.toISOString()],
  );
}

// The hash that the item would have had in the log, where it could be read; else of its bytes.
function contentOf({ received }: Broken, keys: Keys): string {
  if (received.outcome.ok) return contentHash(keys, received.outcome.envelope);
  return bodyHash(keys, Buffer.from(received.bytes).toString("base64"));
}

// Where the bytes alone do not say what was read (a CSV row, a bare body under a given type), the envelope is kept with them.
function readOtherwise(item: Broken, key: Buffer): string | null {
  if (!item.received.outcome.ok) return null;
  const envelope = item.received.outcome.envelope;
  const parsed = parseExact(Buffer.from(item.received.bytes).toString());
  if (parsed.ok && canonical(parsed.value) === canonical(envelope)) return null;
  return seal(key, Buffer.from(JSON.stringify(envelope))).toString("base64");
}

// A replay that still breaks a rule leaves the item where it was, with the reasons of today.
function keepQuarantined(db: Executor, rows: readonly object[], at: Date): Promise<Kept[]> {
  return db.query<Kept>(
    `update events.quarantine as held
     set type = row.type, event_id = row.event_id, reason = row.reason, issues = row.issues, version = row.version, attempts = held.attempts + 1,
       status = row.status, resolution = row.resolution, resolved_at = case when row.status = 'discarded' then $2::timestamptz end
     from ${quarantineRow}
     where held.quarantine_id = row.quarantine_id
     returning row.ordinal, held.quarantine_id`,
    [JSON.stringify(rows), at.toISOString()],
  );
}
