import type { Executor } from "@jukebase/platform";
import * as binary from "./binary.ts";
import type { Entry } from "./entry.ts";

/** Which entries were there already, by ordinal: with the same body (`duplicate`) or with another (`conflict`). All others are new. */
export type Known = ReadonlyMap<number, "duplicate" | "conflict">;

/** The key, the body's hash and the log id of each entry, as parameters of type uuid[]. */
export type Claims = { readonly keys: Buffer; readonly bodies: Buffer; readonly ids: Buffer };

/** Claims the key of each entry for its log id; of entries with one key the first counts. */
export async function claim(db: Executor, entries: readonly Entry[], claims: Claims): Promise<Known> {
  const [first] = entries;
  if (db.copyIn === undefined || first === undefined || entries.length < bulk || entries.length > sortable)
    return claimOrKnow(db, entries, claims);
  const stored = repeating.has(first.source) ? await lookUp(db, entries, claims) : none;
  if (stored.size === 0) repeating.delete(first.source);
  const { fresh, repeats } = firstOfEach(entries, stored);
  if (await claimAll(db, db.copyIn, fresh, claims)) return new Map([...stored, ...repeats]);
  repeating.add(first.source);
  return claimOrKnow(db, entries, claims);
}

/** From this many entries on they are sent by COPY; fewer take less time in one statement. */
export const bulk = 200;

const none: Known = new Map();

// A source that repeats itself is asked first what is known; only how long that takes depends on what is remembered here.
const repeating = new Set<string>();

// The places of those that are neither stored nor come a second time, and what the others of this batch are to the first of their key.
function firstOfEach(entries: readonly Entry[], stored: Known): { fresh: number[]; repeats: Known } {
  const seen = new Map<string, string>();
  const repeats = new Map<number, "duplicate" | "conflict">();
  const fresh: number[] = [];
  for (const [place, { ordinal, event_key, body }] of entries.entries()) {
    if (stored.has(ordinal)) continue;
    const before = seen.get(event_key);
    if (before !== undefined) repeats.set(ordinal, before === body ? "duplicate" : "conflict");
    else {
      seen.set(event_key, body);
      fresh.push(place);
    }
  }
  return { fresh, repeats };
}

// All at once, in half the time of asking for each whether it is known. One that is, after all, undoes it.
async function claimAll(
  db: Executor,
  copyIn: NonNullable<Executor["copyIn"]>,
  places: readonly number[],
  claims: Claims,
): Promise<boolean> {
  await db.query("savepoint claim");
  try {
    await copyIn("copy events.key (event_key, body, log_id) from stdin (format binary)", keyRows(places, claims));
  } catch (error) {
    if ((error as { code?: unknown }).code !== uniqueViolation) throw error;
    await db.query("rollback to savepoint claim");
    return false;
  }
  await db.query("release savepoint claim");
  return true;
}

const uniqueViolation = "23505";

function keyRows(places: readonly number[], { keys, bodies, ids }: Claims): Uint8Array {
  const bytes = binary.bytesFor(places.length * 64);
  binary.putCopyHead(bytes);
  for (const n of inOrderOfKeys(places, keys)) {
    binary.putInt16(bytes, 3);
    binary.putElement(bytes, keys, n);
    binary.putElement(bytes, bodies, n);
    binary.putElement(bytes, ids, n);
  }
  binary.putCopyEnd(bytes);
  return binary.written(bytes);
}

const [keyBits, placeBits] = [39, 14];
const sortable = 2 ** placeBits;

// By the first bits of the key, which with the place behind them fill a number: two batches with common keys take them in one order, so
// that one waits for the other instead of each for the other.
function inOrderOfKeys(places: readonly number[], keys: Buffer): number[] {
  const order = Float64Array.from(places, (place) => {
    const at = binary.elementAt(place);
    return (keys.readUInt32BE(at) * 2 ** (keyBits - 32) + ((keys[at + 4] as number) >> 1)) * sortable + place;
  });
  return Array.from(order.sort(), (value) => value % sortable);
}

async function lookUp(db: Executor, entries: readonly Entry[], { keys, bodies, ids }: Claims): Promise<Known> {
  const rows = await db.query<{ n: number; same: boolean }>(
    `select n::int as n, key.body = incoming.body as same
     from ${arrived}
     join events.key using (event_key)`,
    [keys, bodies, ids],
  );
  return knownOf(entries, rows);
}

async function claimOrKnow(db: Executor, entries: readonly Entry[], { keys, bodies, ids }: Claims): Promise<Known> {
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
    [keys, bodies, ids],
  );
  if (claimed?.claimed === entries.length) return none;
  const rest = await db.query<{ n: number; same: boolean }>(
    `select n::int as n, key.body = incoming.body as same
     from ${arrived}
     join events.key using (event_key)
     where key.log_id <> incoming.log_id`,
    [keys, bodies, ids],
  );
  return knownOf(entries, rest);
}

function knownOf(entries: readonly Entry[], rows: readonly { n: number; same: boolean }[]): Known {
  return new Map(rows.map(({ n, same }) => [(entries[n - 1] as Entry).ordinal, same ? "duplicate" : "conflict"]));
}

const arrived = "unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as incoming (event_key, body, log_id, n)";
