import { audit, type Deed } from "@jukebase/platform/audit.ts";
import { Conflict, Invalid, NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { transaction } from "@jukebase/platform/postgres.ts";
import type pg from "pg";
import { personalReaderGroup, readerGroup } from "../public-view.ts";
import { literal, quoted } from "../quote.ts";
import { codeOf } from "../session.ts";
import { isSuperuser, keepOut, letIn, mayNot, openToReaders } from "./open-to-readers.ts";
import { scramVerifier } from "./password.ts";
import type { ToolName } from "./tools.ts";
import { countStatements } from "./use.ts";

/** A login for one tool. `groups`: further group roles, by which marts decide whose rows are shown. */
export type Reader = {
  readonly name: string;
  readonly tool: ToolName;
  readonly sensitive: boolean;
  readonly groups: readonly string[];
  readonly connections: number;
  readonly timeout_ms: number;
};

/** A reader as it stands: when it was made, when its password was last changed, and how many sessions it has open. */
export type StandingReader = Reader & {
  readonly created_at: string;
  readonly rotated_at: string | null;
  readonly sessions: number;
};

/** Who does it, and when: for the audit log. */
export type By = { readonly actor: string; readonly at: Date };

/**
 * Makes a login that reads marts and nothing else, and opens the database to readers where it was not. Throws Invalid for a name that
 * cannot be one, Conflict when a role of this name is there already or the installation's own role may not make one.
 */
export async function createReader(pool: pg.Pool, reader: Reader, password: string, { actor, at }: By): Promise<void> {
  refuseName(reader.name);
  for (const group of reader.groups) refuseName(group);
  await transaction(pool, async (db) => {
    await audit(db, { actor, action: "bi.create", object: reader.name, after: { ...reader } }, at);
    await openToReaders(db, reader.groups);
    await countStatements(db);
    await makeLogin(db, reader.name, reader, scramVerifier(password));
    await admit(db, reader);
    await db.query(
      `insert into bi.reader (name, tool, sensitive, groups, connections, timeout_ms, created_at)
       values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (name) do update
       set tool = excluded.tool, sensitive = excluded.sensitive, groups = excluded.groups, connections = excluded.connections,
         timeout_ms = excluded.timeout_ms, created_at = excluded.created_at, rotated_at = null, dropped_at = null`,
      [reader.name, reader.tool, reader.sensitive, reader.groups, reader.connections, reader.timeout_ms, at.toISOString()],
    );
  });
}

/** Every reader of this database that is still there, by name. */
export function listReaders(db: Executor): Promise<StandingReader[]> {
  return db.query<StandingReader>(
    `select
       reader.name, reader.tool, reader.sensitive, reader.groups, reader.connections, reader.timeout_ms, reader.created_at,
       reader.rotated_at,
       (
         select count(*)::integer
         from pg_stat_activity
         where pg_stat_activity.usename = reader.name and pg_stat_activity.datname = current_database()
       ) as sessions
     from bi.reader
     join pg_roles on pg_roles.rolname = reader.name
     where reader.dropped_at is null
     order by reader.name`,
  );
}

/** The reader of this name. Throws `NotFound`, naming those there are. */
export async function findReader(db: Executor, name: string): Promise<StandingReader> {
  const readers = await listReaders(db);
  const found = readers.find((reader) => reader.name === name);
  if (found !== undefined) return found;
  const known = readers.length === 0 ? "There is none yet." : `There are: ${readers.map((reader) => reader.name).join(", ")}.`;
  throw new NotFound(`There is no BI role "${name}" in this database. ${known}`);
}

/** Gives a reader another password. Sessions that are open go on until they end. */
export async function rotateReader(pool: pg.Pool, name: string, password: string, { actor, at }: By): Promise<void> {
  await change(pool, name, { actor, action: "bi.rotate", object: name }, at, async (db) => {
    await db.query(`alter role ${quoted(name)} password ${literal(scramVerifier(password))}`);
    await db.query("update bi.reader set rotated_at = $2 where name = $1", [name, at.toISOString()]);
  });
}

/** Takes a reader away and ends its sessions; what it has read stays counted. Throws Conflict when another database still knows the role. */
export async function dropReader(pool: pg.Pool, name: string, { actor, at }: By): Promise<void> {
  await change(pool, name, { actor, action: "bi.drop", object: name }, at, async (db) => {
    await db.query("update bi.reader set dropped_at = $2 where name = $1", [name, at.toISOString()]);
    await db.query("delete from bi.examination where reader = $1", [name]);
    await removeLogin(db, name);
  });
}

/** Makes a role that can log in, within a reader's limits, and belongs to nothing yet. */
export async function makeLogin(db: Executor, name: string, reader: Reader, verifier: string): Promise<void> {
  try {
    await db.query(
      `create role ${quoted(name)} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit
       connection limit ${reader.connections} password ${literal(verifier)}`,
    );
    for (const [setting, value] of await settingsOf(db, reader)) {
      await db.query(`alter role ${quoted(name)} set ${setting} = ${literal(value)}`);
    }
  } catch (error) {
    if (codeOf(error) === duplicateObject)
      throw new Conflict(
        `The server has a role ${name} already, perhaps another database's: choose another name, for example ${name}_marts.`,
        { cause: error },
      );
    throw mayNot(error, `make the role ${name}`);
  }
}

/** The group roles by which marts decide whose rows are shown. */
export function rowGroups(marts: readonly Pick<Mart, "visibleTo">[]): string[] {
  const named = new Set(marts.flatMap(({ visibleTo = {} }) => Object.keys(visibleTo)));
  return [...named].filter((group) => group !== readerGroup && group !== personalReaderGroup).sort();
}

/** The group roles that a reader belongs to. */
export function groupsOf({ sensitive, groups }: Reader): readonly string[] {
  return [readerGroup, ...(sensitive ? [personalReaderGroup] : []), ...groups];
}

/** Takes a role away, with its rights in this database, and ends its sessions. */
export async function removeLogin(db: Executor, name: string): Promise<void> {
  await db.query(`alter role ${quoted(name)} nologin`);
  await db.query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and pg_has_role(usesysid, 'usage')", [
    name,
  ]);
  await keepOut(db, name);
  try {
    await db.query(`drop role ${quoted(name)}`);
  } catch (error) {
    if (codeOf(error) !== dependentObjects) throw error;
    const { detail = "" } = ((error as Error).cause ?? error) as { detail?: string };
    throw new Conflict(
      `The role ${name} has rights that Jukebase did not give it: ${detail}. Revoke those first, then try again.`,
      {
        cause: error,
      },
    );
  }
}

async function admit(db: Executor, reader: Reader): Promise<void> {
  try {
    for (const group of groupsOf(reader)) await db.query(`grant ${quoted(group)} to ${quoted(reader.name)}`);
    await letIn(db, reader.name);
  } catch (error) {
    throw mayNot(error, `let ${reader.name} into the groups of readers`);
  }
}

/**
 * What is set in each of a reader's sessions from its beginning. These are guards: a session may change most of them (not those for
 * superusers), and has no right to write anything then either.
 */
export async function settingsOf(db: Executor, { timeout_ms }: Reader): Promise<[setting: string, value: string][]> {
  const forAll: [string, string][] = [
    ["default_transaction_read_only", "on"],
    ["statement_timeout", `${timeout_ms}ms`],
    ["idle_in_transaction_session_timeout", "60s"],
    ["lock_timeout", "2s"],
    ["work_mem", "32MB"],
    ["search_path", "marts"],
    ["timezone", "UTC"],
  ];
  const forSuperusers: [string, string][] = [
    ["temp_file_limit", "4GB"],
    ["pg_stat_statements.track", "top"],
  ];
  return (await isSuperuser(db)) ? [...forAll, ...forSuperusers] : forAll;
}

async function change(pool: pg.Pool, name: string, deed: Deed, at: Date, work: (db: Executor) => Promise<void>): Promise<void> {
  await transaction(pool, async (db) => {
    await audit(db, deed, at);
    await findReader(db, name);
    try {
      await work(db);
    } catch (error) {
      throw mayNot(error, `change the role ${name}`);
    }
  });
}

function refuseName(name: string): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name) || /^(pg_|jukebase)/.test(name))
    throw new Invalid(
      `"${name}" cannot name a role: use a letter and then up to 62 of a-z, 0-9 and _, not beginning with pg_ or jukebase; for example bi_metabase.`,
    );
}

const duplicateObject = "42710";
const dependentObjects = "2BP01";
