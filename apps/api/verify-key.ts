import { timingSafeEqual } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Executor, pgExecutor } from "@jukebase/platform";
import { hashOf } from "./keys.ts";

/** What a valid key allows; limits are null where the usual ones hold. */
export type Caller = {
  readonly key_id: string;
  readonly source: string;
  readonly sources: readonly string[];
  readonly types: readonly string[] | null;
  readonly reads_reports: boolean;
  readonly requests_per_minute: number | null;
  readonly events_per_minute: number | null;
  readonly bytes_per_minute: number | null;
  readonly body_bytes: number | null;
};

/** Whose a secret is. */
export type Verified =
  | { readonly outcome: "valid"; readonly caller: Caller }
  | { readonly outcome: "revoked" | "expired" | "unknown" };

/** Tells whose a secret is. */
export type Verify = (secret: string) => Verified | Promise<Verified>;

const remembered_max = 10_000;

/**
 * Looks each key up at most once in `fresh_ms`: so long a revoked one may still be let in. Notes its use at most once a minute. Only
 * what is valid is remembered, under the hash of the secret, so that guessing fills nothing.
 */
export function keyVerifier(jukebase: Pick<Jukebase, "database" | "clock">, fresh_ms: number): Verify {
  const known = new Map<string, { readonly verified: Verified | Promise<Verified>; readonly until_ms: number }>();
  return (secret) => {
    const hash = hashOf(secret);
    const place = hash.toString("latin1");
    const now_ms = performance.now();
    const found = known.get(place);
    if (found !== undefined && found.until_ms > now_ms) return found.verified;
    if (!shape.test(secret)) return { outcome: "unknown" };
    const until_ms = now_ms + fresh_ms;
    const asked = lookUp(jukebase, secret, hash).then(
      (verified) => {
        if (verified.outcome === "valid") known.set(place, { verified, until_ms });
        else known.delete(place);
        return verified;
      },
      (failure: unknown) => {
        known.delete(place); // The one who asked hears of the failure; the next one asks again.
        throw failure;
      },
    );
    if (known.size >= remembered_max) known.clear();
    known.set(place, { verified: asked, until_ms });
    return asked;
  };
}

const shape = /^jk_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;

type KeyRow = Caller & { secret_hash: Buffer; revoked: boolean; expired: boolean; used_lately: boolean };

// Compares in constant time, also where there is no such key.
async function lookUp(
  { database, clock }: Pick<Jukebase, "database" | "clock">,
  secret: string,
  hash: Buffer,
): Promise<Verified> {
  const db = pgExecutor(database.pg);
  const now = clock.now().toISOString();
  const [row] = await db.query<KeyRow>(
    `select
       api_key_id as key_id, secret_hash, source, sources, types, reads_reports, requests_per_minute, events_per_minute, bytes_per_minute,
       body_bytes, revoked_at is not null as revoked, coalesce(expires_at <= $2::timestamptz, false) as expired,
       coalesce(last_used_at > $2::timestamptz - interval '1 minute', false) as used_lately
     from platform.api_key
     where api_key_id = $1::uuid`,
    [shape.exec(secret)?.[1], now],
  );
  const matches = timingSafeEqual(hash, row?.secret_hash ?? Buffer.alloc(32));
  if (row === undefined || !matches) return { outcome: "unknown" };
  const { secret_hash: _, revoked, expired, used_lately, ...caller } = row;
  if (revoked) return { outcome: "revoked" };
  if (expired) return { outcome: "expired" };
  if (!used_lately) await noteUse(db, caller.key_id, now);
  return { outcome: "valid", caller };
}

// Where nothing can be written (a standby, a full disk), what only reads goes on.
async function noteUse(db: Executor, id: string, now: string): Promise<void> {
  await db.query("update platform.api_key set last_used_at = $2 where api_key_id = $1", [id, now]).catch(() => undefined);
}
