import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { Executor } from "@jukebase/platform";
import { type Keys, keyOfDay } from "./keys.ts";

/** What stands in an event for a PII value: a function of whose it is and where it stands, never of the value. */
export function token(keys: Keys, subject: string, field: string, source: string, eventId: string): string {
  const text = [subject, field, source, eventId].join("\u0000");
  return `tok_${createHmac("sha256", keys.token).update(text).digest("base64url").slice(0, 27)}`;
}

/** AES-256-GCM: 12 bytes nonce, 16 bytes tag, ciphertext. */
export function seal(key: Buffer, plain: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** The plain bytes again. Throws when the key is another or a byte was changed. */
export function unseal(key: Buffer, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}

/** The key of a day (`YYYY-MM-DD`), made when the day is first seen; undefined once its salt was deleted. */
export async function dayKey(db: Executor, keys: Keys, day: string, make: boolean): Promise<Buffer | undefined> {
  if (make) {
    await db.query("insert into vault.day_key (day, salt) values ($1, $2) on conflict (day) do nothing", [day, randomBytes(16)]);
  }
  const [row] = await db.query<{ salt: Buffer }>("select salt from vault.day_key where day = $1", [day]);
  return row && keyOfDay(keys, row.salt);
}

/** A PII value on its way into the vault. */
export type VaultValue = { readonly token: string; readonly subject: string; readonly field: string; readonly value: string };

/** Keeps values under their tokens; a token already kept is left as it is. */
export async function keep(db: Executor, keys: Keys, values: readonly VaultValue[]): Promise<void> {
  if (values.length === 0) return;
  const rows = values.map((row) => ({
    token: row.token,
    subject: row.subject,
    field: row.field,
    ciphertext: seal(keys.vault, Buffer.from(row.value)).toString("base64"),
  }));
  await db.query(
    `insert into vault.value (token, subject, field, ciphertext, key_id)
     select token, subject, field, decode(ciphertext, 'base64'), 1
     from jsonb_to_recordset($1::jsonb) as row(token text, subject text, field text, ciphertext text)
     on conflict (token) do nothing`,
    [JSON.stringify(rows)],
  );
}

/** The value behind a token, or undefined when it was never kept or its subject was erased. */
export async function reveal(db: Executor, keys: Keys, wanted: string): Promise<string | undefined> {
  const [row] = await db.query<{ ciphertext: Buffer }>("select ciphertext from vault.value where token = $1", [wanted]);
  return row && unseal(keys.vault, row.ciphertext).toString();
}
