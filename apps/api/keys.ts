import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource } from "@jukebase/events";
import { Conflict, Invalid, NotFound, pgExecutor } from "@jukebase/platform";

/** A key as lists show it. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly revoked_at: string | null;
};

type Opened = Pick<Jukebase, "database" | "clock">;

/** Makes a key that speaks for one source, which is declared if it is new. The secret is shown here only: its SHA-256 is kept. */
export async function createKey(
  { database }: Opened,
  { name, source }: { readonly name: string; readonly source: string },
): Promise<{ id: string; secret: string }> {
  if (name.trim() === "" || name.length > 100)
    throw new Invalid("A key has a name of 1 to 100 characters, so that people know whose it is.");
  const db = pgExecutor(database.pg);
  await declareSource(db, source);
  const [drawn] = await db.query<{ id: string }>("select uuidv7() as id");
  const id = (drawn as { id: string }).id;
  const secret = `jk_${id.replaceAll("-", "")}_${randomBytes(32).toString("base64url")}`;
  await db.query("insert into platform.api_key (api_key_id, name, secret_hash, source) values ($1, $2, $3, $4)", [
    id,
    name.trim(),
    hashOf(secret),
    source,
  ]);
  return { id, secret };
}

/** Every key, newest first. */
export async function listKeys({ database }: Pick<Opened, "database">): Promise<ApiKey[]> {
  return pgExecutor(database.pg).query<ApiKey>(
    "select api_key_id as id, name, source, created_at, last_used_at, revoked_at from platform.api_key order by api_key_id desc",
  );
}

/** Makes a key useless from now on. Throws `NotFound`; `Conflict` when it was revoked before. */
export async function revokeKey({ database, clock }: Opened, id: string): Promise<void> {
  const db = pgExecutor(database.pg);
  const [known] = await db.query<{ revoked: boolean }>(
    "select revoked_at is not null as revoked from platform.api_key where api_key_id::text = $1",
    [id],
  );
  if (known === undefined) throw new NotFound(`There is no API key ${id}.`);
  if (known.revoked) throw new Conflict(`The API key ${id} was revoked before.`);
  await db.query("update platform.api_key set revoked_at = $2 where api_key_id = $1::uuid and revoked_at is null", [
    id,
    clock.now().toISOString(),
  ]);
}

/** Who a secret belongs to: `unknown` for anything but a key's very secret. Compares in constant time. */
export type Verified =
  | { readonly outcome: "valid" | "revoked"; readonly id: string; readonly source: string }
  | { readonly outcome: "unknown" };

type KeyRow = { secret_hash: Buffer; source: string; revoked: boolean; used_lately: boolean };

/** Checks a secret, and notes its use, at most once a minute. */
export async function verifyKey({ database, clock }: Opened, secret: string): Promise<Verified> {
  const [, hex] = /^jk_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/.exec(secret) ?? [];
  if (hex === undefined) return { outcome: "unknown" };
  const db = pgExecutor(database.pg);
  const now = clock.now().toISOString();
  const [row] = await db.query<KeyRow>(
    `select
       secret_hash, source, revoked_at is not null as revoked,
       coalesce(last_used_at > $2::timestamptz - interval '1 minute', false) as used_lately
     from platform.api_key
     where api_key_id = $1::uuid`,
    [hex, now],
  );
  const matches = timingSafeEqual(hashOf(secret), row?.secret_hash ?? Buffer.alloc(32));
  if (row === undefined || !matches) return { outcome: "unknown" };
  const id = dashed(hex);
  if (row.revoked) return { outcome: "revoked", id, source: row.source };
  if (!row.used_lately) await db.query("update platform.api_key set last_used_at = $2 where api_key_id = $1", [id, now]);
  return { outcome: "valid", id, source: row.source };
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
