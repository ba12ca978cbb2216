import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { Invalid } from "@jukebase/platform";

/** The installation's secrets. They stand in the database's key ring, each sealed under what follows from the master key. */
export type Keys = {
  /** Makes body hashes that tell nothing of the body. */
  readonly body: Buffer;
  /** Makes tokens that tell nothing of the subject. */
  readonly token: Buffer;
  /** Seals what is handed over, and sealed the vault before subjects had keys of their own. */
  readonly vault: Buffer;
  /** From which, with a day's salt, that day's key is derived. */
  readonly day: Buffer;
  /** Keys that seal subjects' keys, by generation; grows when another process has made a newer one. */
  readonly generations: Map<number, Buffer>;
  /** Seals the ring itself; follows from the master key. */
  readonly ring: Buffer;
  /** Tells one master key from another without telling the key. */
  readonly fingerprint: string;
};

/** Derives every key from the master key (base64, 32 bytes), as it was done before there was a ring. Throws `Invalid` when it is not one. */
export function keysFrom(master: string): Keys {
  const secret = secretOf(master);
  return {
    body: derive(secret, "body"),
    token: derive(secret, "token"),
    vault: derive(secret, "vault"),
    day: derive(secret, "day"),
    generations: new Map([[1, derive(secret, "generation 1")]]),
    ring: derive(secret, "ring"),
    fingerprint: fingerprintOf(master),
  };
}

/** Secrets that follow from nothing, for an installation that has none yet: a master key that leaks later does not tell them. */
export function freshKeys(master: string): Keys {
  const { ring, fingerprint } = keysFrom(master);
  const fresh = { body: randomBytes(32), token: randomBytes(32), vault: randomBytes(32), day: randomBytes(32) };
  return { ...fresh, generations: new Map([[1, randomBytes(32)]]), ring, fingerprint };
}

/** What a database remembers of its master key. Throws `Invalid` when it is not one. */
export function fingerprintOf(master: string): string {
  return createHash("sha256")
    .update(derive(secretOf(master), "fingerprint"))
    .digest("hex")
    .slice(0, 16);
}

/** The key of one day: gone for good when its salt is. */
export function keyOfDay(keys: Keys, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", keys.day, salt, "jukebase day", 32));
}

/** What stands for a subject in the list of the erased: tells nothing of it without the keys. */
export function erasedMark(keys: Keys, subject: string): Buffer {
  return createHmac("sha256", keys.token).update(`erased\u0000${subject}`).digest();
}

function secretOf(master: string): Buffer {
  const secret = Buffer.from(master.trim(), "base64");
  if (secret.length === 32) return secret;
  throw new Invalid("The master key must be 32 bytes in base64. Make one with: openssl rand -base64 32");
}

function derive(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `jukebase ${purpose}`, 32));
}
