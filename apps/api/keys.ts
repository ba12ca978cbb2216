import { hash, randomBytes } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource } from "@jukebase/events";
import { Conflict, type Executor, Invalid, NotFound, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { requireTypes } from "./key-types.ts";

/** What a key may do. What is left out is not narrowed: every type, reports too, the usual limits, no end. */
export type KeyGrant = {
  readonly name: string;
  /** The source it speaks for when nothing else is said. */
  readonly source: string;
  /** Others it may speak for when told so. */
  readonly more_sources?: readonly string[];
  /** Event types, or the beginning of several: `Payment.*`. */
  readonly types?: readonly string[] | undefined;
  readonly reads_reports?: boolean | undefined;
  readonly expires_at?: Date | undefined;
  readonly limits?: KeyLimits | undefined;
};

/** How much may come with a key, where it is not the usual. */
export type KeyLimits = {
  readonly requests_per_minute?: number | undefined;
  readonly events_per_minute?: number | undefined;
  readonly bytes_per_minute?: number | undefined;
  /** The largest body, as sent and as unfolded. */
  readonly body_bytes?: number | undefined;
};

/** A key as lists show it. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly sources: readonly string[];
  readonly types: readonly string[] | null;
  readonly reads_reports: boolean;
  readonly created_at: string;
  readonly last_used_at: string | null;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  /** The key that this one was made to replace. */
  readonly replaces: string | null;
} & { readonly [limit in keyof KeyLimits]-?: number | null };

/** A key just made; the secret is shown here only. */
export type MadeKey = { readonly id: string; readonly secret: string };

type Opened = Pick<Jukebase, "database" | "clock">;

/** Makes a key; its sources are declared if they are new. Of the secret only the SHA-256 is kept. */
export async function createKey({ database, clock }: Opened, grant: KeyGrant, actor: string): Promise<MadeKey> {
  requireName(grant.name);
  requireTypes(grant.types);
  const now = clock.now();
  if (grant.expires_at !== undefined && grant.expires_at <= now)
    throw new Invalid("A key's end lies ahead: give a later instant, or none.");
  return transaction(database.pg, async (db) => {
    const made = await insertKey(db, grant, undefined);
    await audit(db, { actor, action: "key.create", object: made.id, after: toldOf(grant) }, now);
    for (const source of sourcesOf(grant)) await declareSource(db, source);
    return made;
  });
}

/** Every key, newest first. */
export async function listKeys({ database }: Pick<Opened, "database">): Promise<ApiKey[]> {
  return pgExecutor(database.pg).query<ApiKey>(`select ${columns} from platform.api_key order by api_key_id desc`);
}

/**
 * Makes another key with the same name and rights. The old one stays valid for `overlap_ms`, so that its users can change over.
 * `wanted` is a name or an id. Throws `NotFound`; `Conflict` when several valid keys have the name.
 */
export async function rotateKey(
  { database, clock }: Opened,
  wanted: string,
  overlap_ms: number,
  actor: string,
): Promise<MadeKey & { readonly replaces: string; readonly valid_until: string }> {
  const now = clock.now();
  const until = new Date(now.getTime() + overlap_ms);
  return transaction(database.pg, async (db) => {
    const old = await validKey(db, wanted, now);
    const ends = old.expires_at !== null && new Date(old.expires_at) < until ? new Date(old.expires_at) : until;
    const made = await insertKey(db, grantOf(old), old.id);
    await db.query("update platform.api_key set expires_at = $2 where api_key_id = $1::uuid", [old.id, ends.toISOString()]);
    const [before, after] = [
      { key: old.id, expires_at: old.expires_at },
      { key: made.id, old_expires_at: ends.toISOString() },
    ];
    await audit(db, { actor, action: "key.rotate", object: old.id, before, after }, now);
    return { ...made, replaces: old.id, valid_until: ends.toISOString() };
  });
}

/** Makes a key useless from now on. Throws `NotFound`; `Conflict` when it was revoked before. */
export async function revokeKey({ database, clock }: Opened, id: string, actor: string): Promise<void> {
  const now = clock.now();
  await transaction(database.pg, async (db) => {
    const [known] = await db.query<{ revoked: boolean }>(
      "select revoked_at is not null as revoked from platform.api_key where api_key_id::text = $1 for update",
      [id],
    );
    if (known === undefined) throw new NotFound(`There is no API key ${id}.`);
    if (known.revoked) throw new Conflict(`The API key ${id} was revoked before.`);
    await db.query("update platform.api_key set revoked_at = $2 where api_key_id = $1::uuid", [id, now.toISOString()]);
    await audit(db, { actor, action: "key.revoke", object: id, after: { revoked_at: now.toISOString() } }, now);
  });
}

/** What is kept of a secret. */
export function hashOf(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

const columns = `api_key_id as id, name, source, sources, types, reads_reports, created_at, last_used_at, expires_at, revoked_at, replaces,
  requests_per_minute, events_per_minute, bytes_per_minute, body_bytes`;

function requireName(name: string): void {
  if (name.trim() === "" || name.length > 100)
    throw new Invalid("A key has a name of 1 to 100 characters, so that people know whose it is.");
}

async function insertKey(db: Executor, grant: KeyGrant, replaces: string | undefined): Promise<MadeKey> {
  const [drawn] = await db.query<{ id: string }>("select uuidv7() as id");
  const { id } = drawn as { id: string };
  const secret = `jk_${id.replaceAll("-", "")}_${randomBytes(32).toString("base64url")}`;
  await db.query(
    `insert into platform.api_key (
       api_key_id, name, secret_hash, source, sources, types, reads_reports, expires_at, replaces, requests_per_minute, events_per_minute,
       bytes_per_minute, body_bytes
     )
     values ($1, $2, $3, $4, $5::text[], $6::text[], $7, $8::timestamptz, $9::uuid, $10::int, $11::int, $12::bigint, $13::int)`,
    [
      id,
      grant.name.trim(),
      hashOf(secret),
      grant.source,
      sourcesOf(grant),
      grant.types ?? null,
      grant.reads_reports ?? true,
      grant.expires_at?.toISOString() ?? null,
      replaces ?? null,
      grant.limits?.requests_per_minute ?? null,
      grant.limits?.events_per_minute ?? null,
      grant.limits?.bytes_per_minute ?? null,
      grant.limits?.body_bytes ?? null,
    ],
  );
  return { id, secret };
}

async function validKey(db: Executor, wanted: string, now: Date): Promise<ApiKey> {
  const found = await db.query<ApiKey>(
    `select ${columns}
     from platform.api_key
     where (name = $1 or api_key_id::text = $1)
       and revoked_at is null
       and (expires_at is null or expires_at > $2::timestamptz)
     order by api_key_id desc
     for update`,
    [wanted, now.toISOString()],
  );
  const [one, ...others] = found.filter(({ id }) => !found.some(({ replaces }) => replaces === id));
  if (one === undefined) throw new NotFound(`No valid API key has the name or id ${wanted}; see \`jukebase key list\`.`);
  if (others.length > 0) {
    const ids = [one, ...others].map(({ id }) => id).join(", ");
    throw new Conflict(`Several valid API keys have the name ${wanted}: say the id of one of ${ids}.`);
  }
  return one;
}

function grantOf(key: ApiKey): KeyGrant {
  const limits = Object.fromEntries(limitNames.flatMap((name) => (key[name] === null ? [] : [[name, key[name]]]))) as KeyLimits;
  return {
    name: key.name,
    source: key.source,
    more_sources: key.sources.filter((source) => source !== key.source),
    types: key.types ?? undefined,
    reads_reports: key.reads_reports,
    limits,
  };
}

const limitNames = ["requests_per_minute", "events_per_minute", "bytes_per_minute", "body_bytes"] as const;

function sourcesOf({ source, more_sources = [] }: KeyGrant): string[] {
  return [...new Set([source, ...more_sources])];
}

function toldOf(grant: KeyGrant): object {
  const { more_sources: _, expires_at, ...told } = grant;
  return { ...told, sources: sourcesOf(grant), expires_at: expires_at?.toISOString() ?? null };
}
