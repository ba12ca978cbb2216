import { randomFillSync } from "node:crypto";
import type { Executor } from "@jukebase/platform";
import * as binary from "./binary.ts";
import { bulk, type Claims, claim, type Known } from "./claim.ts";
import type { Entry } from "./entry.ts";
import { seal } from "./vault.ts";

/** The batch that entries are written under: its number, the first of its log ids, and the day and key that unknown fields are sealed with. */
export type Page = {
  readonly batchId: string;
  readonly firstLogId: string;
  readonly day: string;
  readonly key: Buffer | undefined;
};

/** Claims the key of each entry and logs those that are new; says which were known. */
export async function writeEntries(db: Executor, entries: readonly Entry[], page: Page): Promise<Known> {
  if (entries.length === 0) return new Map();
  const claims: Claims = {
    keys: binary.uuidArray(entries.map((entry) => entry.event_key)),
    bodies: binary.uuidArray(entries.map((entry) => entry.body)),
    ids: logIds(page.firstLogId, entries.length),
  };
  const known = await claim(db, entries, claims);
  const fresh = entries.flatMap((entry, place) => (known.has(entry.ordinal) ? [] : [{ entry, place }]));
  if (fresh.length === 0) return known;
  if (fresh.length >= bulk && db.copyIn) await db.copyIn(copyLog, copyRows(fresh, claims, page));
  else await insertRows(db, fresh, claims, page);
  return known;
}

const columns = `log_id, event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data, sent, unknown,
  unknown_day, amends, retracts`;
const copyLog = `copy events.log (${columns}) from stdin (format binary)`;

/** A new entry, and which of all it is. */
type Fresh = { readonly entry: Entry; readonly place: number };

function copyRows(fresh: readonly Fresh[], claims: Claims, page: Page): Uint8Array {
  const bytes = binary.bytesFor(fresh.length * 400);
  const batchId = BigInt(page.batchId);
  binary.putCopyHead(bytes);
  for (const row of fresh) putRow(bytes, row, claims, batchId, page);
  binary.putCopyEnd(bytes);
  return binary.written(bytes);
}

function putRow(bytes: binary.Bytes, { entry, place }: Fresh, claims: Claims, batchId: bigint, { day, key }: Page): void {
  binary.putInt16(bytes, 16);
  binary.putElement(bytes, claims.ids, place);
  binary.putElement(bytes, claims.keys, place);
  binary.putBigint(bytes, batchId);
  binary.putInteger(bytes, entry.ordinal);
  binary.putText(bytes, entry.type);
  binary.putSmallint(bytes, entry.version);
  binary.putSmallint(bytes, entry.normaliser);
  binary.putText(bytes, entry.source);
  binary.putText(bytes, entry.event_id);
  binary.putInstant(bytes, entry.occurred_at);
  binary.putJsonb(bytes, JSON.stringify(entry.data));
  if (entry.sent === undefined) binary.putNull(bytes);
  else binary.putJsonb(bytes, JSON.stringify(entry.sent));
  const unknown = sealed(entry, key);
  if (unknown === undefined) binary.putNull(bytes);
  else binary.putBytea(bytes, unknown);
  if (unknown === undefined) binary.putNull(bytes);
  else binary.putDate(bytes, day);
  for (const target of [entry.amends, entry.retracts]) {
    if (target === undefined) binary.putNull(bytes);
    else binary.putUuid(bytes, target);
  }
}

async function insertRows(db: Executor, fresh: readonly Fresh[], { ids }: Claims, { batchId, day, key }: Page): Promise<void> {
  const rows = fresh.map(({ entry, place }) => {
    const { vault: _, ...row } = entry;
    return { ...row, log_id: binary.uuidOf(ids, place), unknown: sealed(entry, key)?.toString("base64") };
  });
  await db.query(
    `insert into events.log (${columns})
     select
       log_id, event_key, $2::bigint, ordinal, type, version, normaliser, source, event_id, occurred_at, data, sent,
       decode(unknown, 'base64'), case when unknown is not null then $3::date end, amends, retracts
     from jsonb_to_recordset($1::jsonb) as row(
       log_id uuid, event_key uuid, type text, ordinal int, version smallint, normaliser smallint, source text, event_id text,
       occurred_at timestamptz, data jsonb, sent jsonb, unknown text, amends uuid, retracts uuid
     )
     order by ordinal`,
    [JSON.stringify(rows), batchId, day],
  );
}

function sealed({ unknown }: Entry, key: Buffer | undefined): Buffer | undefined {
  if (unknown === undefined) return undefined;
  if (key === undefined) throw new Error("Unknown fields came without a key to seal them with.");
  return seal(key, Buffer.from(JSON.stringify(unknown)));
}

/**
 * So many uuids of version 7 in rising order, from one that the database has drawn, as a parameter of type uuid[]: like Postgres,
 * milliseconds and twelve bits of their fraction come first, and each id counts these on by one; the rest is chance.
 */
function logIds(first: string, count: number): Buffer {
  const chance = randomFillSync(Buffer.allocUnsafe(8 * count));
  const start_ms = Number.parseInt(first.slice(0, 8) + first.slice(9, 13), 16);
  const fraction = Number.parseInt(first.slice(15, 18), 16);
  return binary.uuidArrayOf(count, (buffer, at, n) => {
    const ticks = fraction + n;
    buffer.writeUIntBE(start_ms + Math.floor(ticks / 4096), at, 6);
    buffer.writeUInt16BE(0x7000 | (ticks % 4096), at + 6);
    chance.copy(buffer, at + 8, 8 * n, 8 * n + 8);
    buffer[at + 8] = ((chance[8 * n] as number) & 0x3f) | 0x80;
  });
}
