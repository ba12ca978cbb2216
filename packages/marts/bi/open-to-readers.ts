import { Conflict } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { grantToReaders, personalReaderGroup, readerGroup } from "../public-view.ts";
import { literal, quoted } from "../quote.ts";
import { codeOf } from "../session.ts";

/**
 * Opens this database to readers: the groups are there, they may read the marts and nothing else, and what the server gives to everybody
 * (connecting, temporary tables, schema public) is taken away here. Doing it again changes nothing. The groups are the server's own and
 * may serve other databases, too: into this one only logins come to which `letIn` says so.
 */
export async function openToReaders(db: Executor, groups: readonly string[] = []): Promise<void> {
  await db.query("select pg_advisory_xact_lock(hashtextextended('jukebase bi', 0))");
  for (const group of [readerGroup, personalReaderGroup, ...groups]) await makeGroup(db, group);
  const database = quoted(await databaseName(db));
  await db.query(`revoke connect, temporary on database ${database} from public`);
  await db.query("revoke all on schema public from public");
  await db.query(`grant usage on schema marts to ${quoted(readerGroup)}`);
  await grantToReaders(db);
  if (await isSuperuser(db)) await takeFromEverybody(db);
}

/** Lets a login into this database; without that, belonging to the groups is of no use to it here. */
export async function letIn(db: Executor, login: string): Promise<void> {
  await db.query(`grant connect on database ${quoted(await databaseName(db))} to ${quoted(login)}`);
}

/** The opposite. */
export async function keepOut(db: Executor, login: string): Promise<void> {
  await db.query(`revoke connect on database ${quoted(await databaseName(db))} from ${quoted(login)}`);
}

/** Whether who asks is a superuser: some things are refused to, and some kept from, everybody else. */
export async function isSuperuser(db: Executor): Promise<boolean> {
  const [row] = await db.query<{ is: boolean }>("select rolsuper as is from pg_roles where rolname = current_user");
  return row?.is === true;
}

/** Functions by which a reader could hold up builds and refreshes, or fill the disk, and that no BI tool needs. */
export const withheldFunctions = `
  select proc.oid::regprocedure::text as function
  from pg_proc as proc
  where proc.pronamespace = 'pg_catalog'::regnamespace
    and proc.proname ~ '^(pg_(try_)?advisory_(xact_)?lock(_shared)?|lo_creat|lo_create|lo_from_bytea|pg_logical_emit_message)$'
    and has_function_privilege($1::name, proc.oid, 'execute')
  order by 1`;

// Another database of the server may make the same group at this moment: whoever comes second finds it there.
async function makeGroup(db: Executor, group: string): Promise<void> {
  try {
    await db.query(`
      do $group$
      begin
        if not exists (select from pg_roles where rolname = ${literal(group)}) then
          create role ${quoted(group)} nologin;
        end if;
      exception
        when duplicate_object or unique_violation then null;
      end
      $group$`);
  } catch (error) {
    throw mayNot(error, `make the group role ${group}`);
  }
}

// The owner keeps what is taken from everybody, also when it is no superuser: refreshes and builds wait for one another by these locks.
async function takeFromEverybody(db: Executor): Promise<void> {
  const found = await db.query<{ function: string }>(withheldFunctions, ["public"]);
  const [owner] = await db.query<{ name: string }>(
    "select pg_get_userbyid(datdba)::text as name from pg_database where datname = current_database()",
  );
  for (const { function: name } of found) {
    await db.query(`revoke execute on function ${name} from public`);
    await db.query(`grant execute on function ${name} to ${quoted(owner?.name ?? "")}`);
  }
}

async function databaseName(db: Executor): Promise<string> {
  const [row] = await db.query<{ name: string }>("select current_database()::text as name");
  return row?.name ?? "";
}

/** The error that says what the installation's own role lacks, where that is why the server refused; else the error as it was. */
export function mayNot(error: unknown, what: string): unknown {
  if (codeOf(error) !== insufficientPrivilege) return error;
  return new Conflict(
    `The role that Jukebase connects with may not ${what}: ${(error as Error).message}. Grant it CREATEROLE (and the groups jukebase_reader and jukebase_pii_reader with admin option, where another role made them), then try again.`,
    { cause: error },
  );
}

const insufficientPrivilege = "42501";
