import { randomBytes } from "node:crypto";
import { audit } from "@jukebase/platform/audit.ts";
import { Conflict } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { type Login, login } from "@jukebase/platform/login.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { transaction } from "@jukebase/platform/postgres.ts";
import type pg from "pg";
import { literal, quoted } from "../quote.ts";
import { session } from "../session.ts";
import { makePassword, scramVerifier } from "./password.ts";
import type { Finding, Scene } from "./probe.ts";
import { dataProbes } from "./probe-data.ts";
import { limitsProbes } from "./probe-limits.ts";
import { rightsProbes } from "./probe-rights.ts";
import { type By, makeLogin, type Reader, removeLogin } from "./readers.ts";
import { addressFor, connectionUrl } from "./tools.ts";
import { sampleUse } from "./use.ts";

/** What was tried as a reader, and what came of it. `login`: whether the reader itself logged in, or one made for this with its rights. */
export type Examination = {
  readonly reader: string;
  readonly examined_at: string;
  readonly login: "itself" | "temporary";
  readonly findings: readonly Finding[];
};

/** Where to log in, what the marts are, and the reader's password where the reader itself is to be tried. */
export type Examining = { readonly url: string; readonly marts: readonly Mart[]; readonly password?: string | undefined };

/**
 * Logs in and tries what a reader must not be able to do, undoing whatever is not refused. Without the reader's password a login is made
 * that inherits all the reader's rights, within the same limits, and goes at the end. Keeps the result. Throws Conflict when it cannot
 * log in.
 */
export async function examineReader(pool: pg.Pool, reader: Reader, examining: Examining, by: By): Promise<Examination> {
  const { url, marts, password } = examining;
  const temporary = password === undefined ? `${temporaryPrefix}${randomBytes(4).toString("hex")}` : undefined;
  const secret = password ?? makePassword();
  const names = marts.map(({ name }) => name);
  if (temporary === undefined) await sampleUse(pool, names, by.at);
  await transaction(pool, async (db) => {
    const after = { login: temporary === undefined ? "itself" : "temporary" };
    await audit(db, { actor: by.actor, action: "bi.examine", object: reader.name, after }, by.at);
    await clearLeftovers(db);
    if (temporary !== undefined) await makeTemporary(db, temporary, reader, secret);
  });
  try {
    const address = connectionUrl(addressFor(url, temporary ?? reader.name), secret) + new URL(url).search;
    const again = (): Promise<Login> => login(address, "jukebase bi doctor");
    const findings = await session(pool, (owner) => look({ reader, owner, marts, temporary, again }));
    const examination = {
      reader: reader.name,
      examined_at: by.at.toISOString(),
      login: temporary ? "temporary" : "itself",
    } as const;
    return await keep(pool, { ...examination, findings });
  } finally {
    if (temporary === undefined) await sampleUse(pool, names, by.at, reader.name);
    else await transaction(pool, (db) => removeLogin(db, temporary));
  }
}

/** The last examination of each reader. */
export function lastExaminations(db: Executor): Promise<Examination[]> {
  return db.query<Examination>("select reader, examined_at, login, findings from bi.examination order by reader");
}

/** Whether nothing was found broken. */
export function holds({ findings }: Pick<Examination, "findings">): boolean {
  return findings.every(({ outcome }) => outcome !== "broken");
}

async function look(scene: Omit<Scene, "session">): Promise<Finding[]> {
  const first = await scene.again().catch((cause: Error) => {
    throw new Conflict(`${scene.temporary ?? scene.reader.name} cannot log in: ${cause.message}`, { cause });
  });
  try {
    const findings: Finding[] = [await begunReadOnly(first)];
    // From here on only rights refuse: a session may switch the guard off, too.
    await first.query("set default_transaction_read_only = off");
    for (const { name, next, look: lookAt } of [...dataProbes, ...rightsProbes, ...limitsProbes]) {
      const { outcome, found } = await lookAt({ ...scene, session: first });
      findings.push({ probe: name, outcome, found, ...(outcome === "held" ? {} : { next }) });
    }
    return findings;
  } finally {
    await first.end();
  }
}

async function begunReadOnly(session: Executor): Promise<Finding> {
  const [now] = await session.query<{ guard: string }>("select current_setting('transaction_read_only') as guard");
  if (now?.guard === "on")
    return { probe: "logs in, and begins read-only", outcome: "held", found: "the guard is on; without it, rights refuse" };
  return {
    probe: "logs in, and begins read-only",
    outcome: "weak",
    found: "its sessions may write, as far as rights go",
    next: "alter role … set default_transaction_read_only = on",
  };
}

async function makeTemporary(db: Executor, name: string, reader: Reader, password: string): Promise<void> {
  await makeLogin(db, name, reader, scramVerifier(password));
  await db.query(`grant ${quoted(reader.name)} to ${quoted(name)} with inherit true, set true`);
  const [end] = await db.query<{ at: string }>("select (clock_timestamp() + interval '10 minutes')::text as at");
  await db.query(`alter role ${quoted(name)} valid until ${literal(end?.at ?? "")}`);
}

// Of examinations that were killed: nobody can log in as them any more.
async function clearLeftovers(db: Executor): Promise<void> {
  const old = await db.query<{ name: string }>(
    `select rolname::text as name
     from pg_roles
     where starts_with(rolname, $1) and rolvaliduntil < clock_timestamp() and pg_has_role(oid, 'usage')`,
    [temporaryPrefix],
  );
  for (const { name } of old) await removeLogin(db, name);
}

async function keep(pool: pg.Pool, examination: Examination): Promise<Examination> {
  const { reader, examined_at, login: by, findings } = examination;
  await pool.query(
    `insert into bi.examination (reader, examined_at, login, findings)
     values ($1, $2, $3, $4)
     on conflict (reader) do update
     set examined_at = excluded.examined_at, login = excluded.login, findings = excluded.findings`,
    [reader, examined_at, by, JSON.stringify(findings)],
  );
  return examination;
}

const temporaryPrefix = "jukebase_doctor_";
