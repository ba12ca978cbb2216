import { randomBytes } from "node:crypto";
import { Conflict, type Executor } from "@jukebase/platform";
import { freshKeys, type Keys, keysFrom } from "./keys.ts";
import { seal, unseal } from "./sealing.ts";

const single = ["body", "token", "vault", "day"] as const;

/**
 * The database's secrets, opened with the master key. An empty ring is filled: with new secrets where nothing was sealed yet, with the
 * keys that used to be derived from the master key where something was. Throws `Conflict` when the database has another master key.
 */
export async function openKeys(db: Executor, master: string): Promise<Keys> {
  const derived = keysFrom(master);
  const isNew = await claim(db, derived);
  const secrets = await ringOf(db);
  if (secrets.length > 0) return opened(derived, secrets);
  const keys = isNew ? freshKeys(master) : { ...derived, generations: freshKeys(master).generations };
  await fill(db, keys);
  return keys;
}

/** The fingerprint of the master key that the database is sealed with; undefined before its first opening. */
export async function knownFingerprint(db: Executor): Promise<string | undefined> {
  const [row] = await db.query<{ key_fingerprint: string | null }>("select key_fingerprint from platform.installation");
  return row?.key_fingerprint ?? undefined;
}

/** Throws `Conflict` unless the keys are this database's: with others every known event would be taken for a conflict. */
export async function requireKey(db: Executor, { fingerprint }: Pick<Keys, "fingerprint">): Promise<void> {
  const [row] = await db.query<{ known: string | null; before: string | null; changed: string | null }>(
    `select key_fingerprint as known, key_fingerprint_before as before, key_changed_at::text as changed
     from platform.installation`,
  );
  if (row === undefined || row.known === null || row.known === fingerprint) return;
  const what =
    row.before === fingerprint
      ? `The master key given is the one before it was changed on ${String(row.changed).slice(0, 10)}.`
      : "This database was sealed with another master key.";
  throw new Conflict(
    `${what} Give the one with the fingerprint ${row.known} (JUKEBASE_KEY, JUKEBASE_KEY_FILE, or the key file in .jukebase); that given has ${fingerprint}.`,
  );
}

/** The key of a generation, from memory or else the ring; undefined when it is not there or was sealed under a later master key. */
export async function generationKey(db: Executor, keys: Keys, generation: number): Promise<Buffer | undefined> {
  const known = keys.generations.get(generation);
  if (known) return known;
  const [row] = await db.query<{ wrapped: Buffer }>("select wrapped from vault.secret where name = 'kek' and generation = $1", [
    generation,
  ]);
  if (row === undefined || (await knownFingerprint(db)) !== keys.fingerprint) return undefined;
  const key = unseal(keys.ring, row.wrapped, placeOf("kek", generation));
  keys.generations.set(generation, key);
  return key;
}

/** Puts a new generation into the ring and returns its number. Hold the ring's lock. */
export async function addGeneration(db: Executor, keys: Keys): Promise<number> {
  await requireKey(db, keys);
  const [row] = await db.query<{ next: number }>("select max(generation)::int + 1 as next from vault.secret where name = 'kek'");
  const generation = row?.next ?? 1;
  const key = randomBytes(32);
  await insertSecrets(db, [{ name: "kek", generation, wrapped: seal(keys.ring, key, placeOf("kek", generation)) }]);
  return generation;
}

/** Held to the end of the transaction by whoever changes the ring. */
export async function lockRing(db: Executor): Promise<void> {
  await db.query("select pg_advisory_xact_lock(hashtextextended('vault.secret', 0))");
}

/**
 * Seals the ring under another master key, in the caller's transaction; what the secrets are stays, so that hashes and tokens do.
 * Returns the new key's fingerprint. Throws `Conflict` when somebody changed the master key in the meantime.
 */
export async function rewrapRing(db: Executor, keys: Keys, next: string, at: Date): Promise<string> {
  const other = keysFrom(next);
  await lockRing(db);
  await requireKey(db, keys);
  for (const { name, generation, wrapped } of await ringOf(db)) {
    const place = placeOf(name, generation);
    await db.query("update vault.secret set wrapped = $3 where name = $1 and generation = $2", [
      name,
      generation,
      seal(other.ring, unseal(keys.ring, wrapped, place), place),
    ]);
  }
  await db.query(
    "update platform.installation set key_fingerprint = $1, key_fingerprint_before = key_fingerprint, key_changed_at = $2",
    [other.fingerprint, at.toISOString()],
  );
  return other.fingerprint;
}

type Secret = { name: string; generation: number; wrapped: Buffer };

// True where no master key was given before: nothing is sealed yet.
async function claim(db: Executor, keys: Keys): Promise<boolean> {
  const claimed = await db.query(
    "update platform.installation set key_fingerprint = $1 where key_fingerprint is null returning key_fingerprint",
    [keys.fingerprint],
  );
  await requireKey(db, keys);
  return claimed.length > 0;
}

function ringOf(db: Executor): Promise<Secret[]> {
  return db.query<Secret>("select name, generation::int as generation, wrapped from vault.secret order by name, generation");
}

function opened(derived: Keys, secrets: readonly Secret[]): Keys {
  const plain = secrets.map(({ name, generation, wrapped }) => ({
    name,
    generation,
    key: unseal(derived.ring, wrapped, placeOf(name, generation)),
  }));
  const one = (name: (typeof single)[number]): Buffer => {
    const found = plain.find((secret) => secret.name === name);
    if (found === undefined) throw new Error(`The key ring (vault.secret) lacks "${name}"; restore it from a backup.`);
    return found.key;
  };
  const generations = new Map(plain.flatMap(({ name, generation, key }) => (name === "kek" ? [[generation, key] as const] : [])));
  return { ...derived, body: one("body"), token: one("token"), vault: one("vault"), day: one("day"), generations };
}

async function fill(db: Executor, keys: Keys): Promise<void> {
  const sealed = (name: string, generation: number, key: Buffer): Secret => ({
    name,
    generation,
    wrapped: seal(keys.ring, key, placeOf(name, generation)),
  });
  await insertSecrets(db, [
    ...single.map((name) => sealed(name, 1, keys[name])),
    ...[...keys.generations].map(([generation, key]) => sealed("kek", generation, key)),
  ]);
}

async function insertSecrets(db: Executor, secrets: readonly Secret[]): Promise<void> {
  for (const { name, generation, wrapped } of secrets)
    await db.query("insert into vault.secret (name, generation, wrapped) values ($1, $2, $3)", [name, generation, wrapped]);
}

// A secret opens only in its own place: two rows that changed places do not.
function placeOf(name: string, generation: number): string {
  return `${name} ${generation}`;
}
