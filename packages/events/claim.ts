import type { Executor } from "@jukebase/platform";
import * as binary from "./binary.ts";
import type { Entry } from "./entry.ts";

/** Which entries were there already, by ordinal: with the same body (`duplicate`) or with another (`conflict`). All others are new. */
export type Known = ReadonlyMap<number, "duplicate" | "conflict">;

/** The key, the body's hash and the log id of each entry, as parameters of type uuid[]. */
export type Claims = { readonly keys: Buffer; readonly bodies: Buffer; readonly ids: Buffer };

/** Claims the key of each entry for its log id; of entries with one key the first counts. */
export async function claim(db: Executor, entries: readonly Entry[], claims: Claims): Promise<Known> {
  if (db.copyIn && entries.length >= bulk && entries.length <= sortable && expectsNews(entries)) {
    if (await claimAll(db, db.copyIn, entries.length, claims)) return none;
  }
  const known = await claimNew(db, entries, claims);
  noteNews(entries, known.size === 0);
  return known;
}

/** From this many entries on they are sent by COPY; fewer take less time in one statement. */
export const bulk = 200;

const none: Known = new Map();

// A source that repeats itself is asked first what is known; only how long that takes depends on what is remembered here.
const repeating = new Set<string>();

function expectsNews([first]: readonly Entry[]): boolean {
  return first !== undefined && !repeating.has(first.source);
}

function noteNews([first]: readonly Entry[], isNews: boolean): void {
  if (first === undefined) return;
  if (isNews) repeating.delete(first.source);
  else repeating.add(first.source);
}

// All at once, in half the time of asking for each whether it is known. One that is undoes it, and they are asked for.
async function claimAll(db: Executor, copyIn: NonNullable<Executor["copyIn"]>, count: number, claims: Claims): Promise<boolean> {
  await db.query("savepoint claim");
  try {
    await copyIn("copy events.key (event_key, body, log_id) from stdin (format binary)", keyRows(count, claims));
  } catch (error) {
    if ((error as { code?: unknown }).code !== uniqueViolation) throw error;
    await db.query("rollback to savepoint claim");
    return false;
  }
  await db.query("release savepoint claim");
  return true;
}

const uniqueViolation = "23505";

function keyRows(count: number, { keys, bodies, ids }: Claims): Uint8Array {
  const bytes = binary.bytesFor(count * 64);
  binary.putCopyHead(bytes);
  for (const n of inOrderOfKeys(count, keys)) {
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
function* inOrderOfKeys(count: number, keys: Buffer): Generator<number> {
  const order = new Float64Array(count);
  for (let n = 0; n < count; n += 1) {
    const at = binary.elementAt(n);
    order[n] = (keys.readUInt32BE(at) * 2 ** (keyBits - 32) + ((keys[at + 4] as number) >> 1)) * sortable + n;
  }
  for (const value of order.sort()) yield value % sortable;
}

async function claimNew(db: Executor, entries: readonly Entry[], { keys, bodies, ids }: Claims): Promise<Known> {
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
  return new Map(rest.map(({ n, same }) => [(entries[n - 1] as Entry).ordinal, same ? "duplicate" : "conflict"]));
}

const arrived = "unnest($1::uuid[], $2::uuid[], $3::uuid[]) with ordinality as incoming (event_key, body, log_id, n)";
