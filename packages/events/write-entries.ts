import { randomFillSync } from "node:crypto";
import type { Executor } from "@jukebase/platform";
import * as binary from "./binary.ts";
import type { Entry } from "./entry.ts";
import { seal } from "./vault.ts";

/** The batch that entries are written under: its number, the first of its log ids, and the day and key that unknown fields are sealed with. */
export type Page = {
  readonly batchId: string;
  readonly firstLogId: string;
  readonly day: string;
  readonly key: Buffer | undefined;
};

/** Which entries were there already, by ordinal: with the same body (`duplicate`) or with another (`conflict`). All others are logged now. */
export type Known = ReadonlyMap<number, "duplicate" | "conflict">;

/** From this many entries on they are sent by COPY; fewer take less time in one statement. */
const bulk = 200;

/** Claims the key of each entry and logs those that are new; of entries with one key the first counts. */
export async function writeEntries(db: Executor, entries: readonly Entry[], page: Page): Promise<Known> {
  if (entries.length === 0) return new Map();
  const ids = logIds(page.firstLogId, entries.length);
  const known = await claim(db, entries, ids);
  const fresh = entries.flatMap((entry, n) => (known.has(entry.ordinal) ? [] : [{ entry, id: ids[n] as string }]));
  if (fresh.length === 0) return known;
  if (fresh.length >= bulk && db.copyIn) await db.copyIn(copyLog, copyRows(fresh, page));
  else await insertRows(db, fresh, page);
  return known;
}

const columns = `log_id, event_key, batch_id, ordinal, type, version, normaliser, source, event_id, occurred_at, data, sent, unknown,
  unknown_day, amends, retracts`;
const copyLog = `copy events.log (${columns}) from stdin (format binary)`;

type Fresh = { readonly entry: Entry; readonly id: string };

// Ordered by key, so that two batches with common keys wait for one another instead of each for the other.
async function claim(db: Executor, entries: readonly Entry[], ids: readonly string[]): Promise<Known> {
  const incoming = [entries.map((entry) => entry.event_key), entries.map((entry) => entry.body), ids].map(binary.uuidArray);
  const [claimed] = await db.query<{ claimed: number }>(
    `with claimed as (
       insert into events.key (event_key, body, log_id)
       select event_key, body, log_id
       from ${arrived}
       order by event_key, n
       on conflict (event_key) do nothing
       returning 1
     )
     select count(*)::int as claimed
     from claimed`,
    incoming,
  );
  if (claimed?.claimed === entries.length) return new Map();
  const rest = await db.query<{ n: number; same: boolean }>(
    `select n::int as n, key.body = incoming.body as same
     from ${arrived}
     join events.key using (event_key)
     where key.log_id <> incoming.log_id`,
    incoming,
  );
  return new Map(rest.map(({ n, same }) => [(entries[n - 1] as Entry).ordinal, same ? "duplicate" : "conflict"]));
}

const arrived = "unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as incoming (event_key, body, log_id, n)";

function copyRows(fresh: readonly Fresh[], page: Page): Uint8Array {
  const bytes = binary.bytesFor(fresh.length * 400);
  const batchId = BigInt(page.batchId);
  binary.putCopyHead(bytes);
  for (const row of fresh) putRow(bytes, row, batchId, page);
  binary.putCopyEnd(bytes);
  return binary.written(bytes);
}

function putRow(bytes: binary.Bytes, { entry, id }: Fresh, batchId: bigint, { day, key }: Page): void {
  binary.putInt16(bytes, 16);
  binary.putUuid(bytes, id);
  binary.putUuid(bytes, entry.event_key);
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

async function insertRows(db: Executor, fresh: readonly Fresh[], { batchId, day, key }: Page): Promise<void> {
  const rows = fresh.map(({ entry, id }) => {
    const { vault: _, ...row } = entry;
    return { ...row, log_id: id, unknown: sealed(entry, key)?.toString("base64") };
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
 * So many uuids of version 7 in rising order, from one that the database has drawn: like Postgres, milliseconds and twelve bits of their
 * fraction come first, and each id counts these on by one; the rest is chance.
 */
function logIds(first: string, count: number): string[] {
  const chance = randomFillSync(Buffer.allocUnsafe(8 * count));
  const start = Number.parseInt(first.slice(0, 8) + first.slice(9, 13) + first.slice(15, 18), 16);
  return Array.from({ length: count }, (_, n) => {
    const time = (start + n).toString(16).padStart(15, "0");
    const rest = chance.toString("hex", 8 * n, 8 * n + 8);
    const variant = ((chance[8 * n] as number) & 0x3f) | 0x80;
    return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${time.slice(12)}-${variant.toString(16)}${rest.slice(2, 4)}-${rest.slice(4)}`;
  });
}
