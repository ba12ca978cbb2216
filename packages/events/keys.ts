import { createHash, hkdfSync } from "node:crypto";
import { Invalid } from "@jukebase/platform";

/** The installation's secrets, all derived from one master key of 32 bytes. */
export type Keys = {
  /** Makes body hashes that tell nothing of the body. */
  readonly body: Buffer;
  /** Makes tokens that tell nothing of the subject. */
  readonly token: Buffer;
  /** Seals the vault. */
  readonly vault: Buffer;
  /** From which, with a day's salt, that day's key is derived. */
  readonly day: Buffer;
  /** Tells one master key from another without telling the key. */
  readonly fingerprint: string;
};

/** Derives every key from the master key (base64, 32 bytes). Throws `Invalid` when it is not one. */
export function keysFrom(master: string): Keys {
  const secret = Buffer.from(master.trim(), "base64");
  if (secret.length !== 32) {
    throw new Invalid("The master key must be 32 bytes in base64. Make one with: openssl rand -base64 32");
  }
  return {
    body: derive(secret, "body"),
    token: derive(secret, "token"),
    vault: derive(secret, "vault"),
    day: derive(secret, "day"),
    fingerprint: createHash("sha256").update(derive(secret, "fingerprint")).digest("hex").slice(0, 16),
  };
}

/** The key of one day: gone for good when its salt is. */
export function keyOfDay(keys: Keys, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync("sha256", keys.day, salt, "jukebase day", 32));
}

function derive(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, Buffer.alloc(0), `jukebase ${purpose}`, 32));
}
