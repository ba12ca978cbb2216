import { randomBytes } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import type { Doer } from "@jukebase/events";
import { Conflict, Invalid, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { hashPassword, passwordIs, requirePassword } from "./access/passwords.ts";

/** Somebody who may sign in. */
export type Admin = { readonly admin_user_id: string; readonly email: string };

/** A new account, with the password that was made for it when none was given. */
export type CreatedAdmin = { readonly email: string; readonly password: string | undefined };

/**
 * Makes an account for the console. Without a password one of 24 characters is generated and returned; it is kept only as a hash.
 * Throws `Invalid` for an address or password that cannot be taken, `Conflict` when the account exists.
 */
export async function createAdmin(
  { database, clock }: Pick<Jukebase, "database" | "clock">,
  email: string,
  password?: string,
  by: Doer = { actor: "system" },
): Promise<CreatedAdmin> {
  const address = normalised(email);
  if (!/^[^\s@]+@[^\s@]+$/.test(address) || address.length > 254) throw new Invalid(`"${email}" is not an e-mail address.`);
  const generated = password === undefined ? randomBytes(18).toString("base64url") : undefined;
  const secret = password ?? (generated as string);
  requirePassword(secret);
  const hash = await hashPassword(secret);
  await transaction(database.pg, async (db) => {
    const [made] = await db.query<{ admin_user_id: string }>(
      "insert into platform.admin_user (email, password_hash) values ($1, $2) on conflict (email) do nothing returning admin_user_id",
      [address, hash],
    );
    if (made === undefined) throw new Conflict(`There is an account for ${address} already.`);
    await audit(db, { ...by, action: "admin.create", object: made.admin_user_id }, clock.now());
  });
  return { email: address, password: generated };
}

/** The account that these belong to; the same work and the same answer whether the address or the password is wrong. */
export async function authenticate(
  { database }: Pick<Jukebase, "database">,
  email: string,
  password: string,
): Promise<Admin | undefined> {
  const { rows } = await database.pg.query<Admin & { password_hash: string }>(
    "select admin_user_id, email, password_hash from platform.admin_user where email = $1 and disabled_at is null",
    [normalised(email)],
  );
  const [account] = rows;
  const right = await passwordIs(password, account?.password_hash);
  return right && account ? { admin_user_id: account.admin_user_id, email: account.email } : undefined;
}

/** Whether anybody can sign in at all; the first page of a new installation says how to make an account. */
export async function hasAdmins({ database }: Pick<Jukebase, "database">): Promise<boolean> {
  const { rows } = await database.pg.query<{ known: boolean }>(
    "select exists (select from platform.admin_user where disabled_at is null) as known",
  );
  return rows[0]?.known ?? false;
}

function normalised(email: string): string {
  return email.trim().toLowerCase();
}
