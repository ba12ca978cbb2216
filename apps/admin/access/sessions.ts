import { createHash, randomBytes } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import type { Admin } from "../accounts.ts";

/** A signed-in browser, as a request knows it. */
export type Session = { readonly email: string; readonly csrf: string; readonly hash: Buffer };

const minute = 60_000;
/** How long a session lives unused, and at the most. */
const sessionLife = { idle_ms: 30 * minute, absolute_ms: 12 * 60 * minute } as const;

/** Makes a session; only the SHA-256 of the returned secret (256 bits) is kept. */
export async function openSession({ database, clock }: Pick<Jukebase, "database" | "clock">, admin: Admin): Promise<string> {
  const secret = randomBytes(32).toString("base64url");
  const now = clock.now();
  await database.pg.query("delete from platform.admin_session where expires_at <= $1 or seen_at <= $2", [
    now.toISOString(),
    before(now, sessionLife.idle_ms),
  ]);
  await database.pg.query(
    `insert into platform.admin_session (session_hash, admin_user_id, csrf, created_at, seen_at, expires_at)
     values ($1, $2, $3, $4, $4, $5)`,
    [
      hashOf(secret),
      admin.admin_user_id,
      randomBytes(32).toString("base64url"),
      now.toISOString(),
      after(now, sessionLife.absolute_ms),
    ],
  );
  return secret;
}

/** The live session behind a cookie's secret, marked as seen (at most once a minute); undefined when there is none or it has ended. */
export async function findSession(
  { database, clock }: Pick<Jukebase, "database" | "clock">,
  secret: string,
): Promise<Session | undefined> {
  const hash = hashOf(secret);
  const now = clock.now();
  const { rows } = await database.pg.query<{ email: string; csrf: string; seen_at: string }>(
    `select admin_user.email, admin_session.csrf, admin_session.seen_at
     from platform.admin_session
     join platform.admin_user using (admin_user_id)
     where session_hash = $1 and expires_at > $2 and seen_at > $3 and disabled_at is null`,
    [hash, now.toISOString(), before(now, sessionLife.idle_ms)],
  );
  const [row] = rows;
  if (!row) return undefined;
  if (Date.parse(row.seen_at) < now.getTime() - minute) {
    await database.pg.query("update platform.admin_session set seen_at = $2 where session_hash = $1", [hash, now.toISOString()]);
  }
  return { email: row.email, csrf: row.csrf, hash };
}

/** Ends a session; ending one that is not there is fine. */
export async function closeSession({ database }: Pick<Jukebase, "database">, secret: string): Promise<void> {
  await database.pg.query("delete from platform.admin_session where session_hash = $1", [hashOf(secret)]);
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function before(now: Date, span_ms: number): string {
  return new Date(now.getTime() - span_ms).toISOString();
}

function after(now: Date, span_ms: number): string {
  return before(now, -span_ms);
}
