import { quoted } from "../quote.ts";
import { withheldFunctions } from "./open-to-readers.ts";
import { type Attempt, allRefused, type Probe, type Scene } from "./probe.ts";
import { groupsOf } from "./readers.ts";

/** What a reader may do to the server and its objects, beside reading data. */
export const rightsProbes: readonly Probe[] = [
  {
    name: "is a reader and nothing more",
    next: "Take the attributes and memberships away (alter role … nosuperuser, revoke … from …), or drop the role and make it anew.",
    look: standing,
  },
  {
    name: "writes into no mart",
    next: "Revoke insert, update and delete on the views of schema marts from the role and from public.",
    look: ({ session, marts }) => allRefused(session, marts.flatMap(writes)),
  },
  {
    name: "creates nothing: no table, temporary table, schema, function or extension",
    next: "Give any “jukebase bi role create” again for this database (it takes TEMPORARY and schema public from everybody), and revoke create on the schemas named.",
    look: ({ session }) => allRefused(session, creations),
  },
  {
    name: "reaches no file and no program of the server",
    next: "Revoke pg_read_server_files, pg_write_server_files, pg_execute_server_program and superuser from the role.",
    look: ({ session }) => allRefused(session, files),
  },
  {
    name: "becomes nobody else",
    next: "Revoke the roles named from the role.",
    look: async (scene) => allRefused(scene.session, await becoming(scene)),
  },
  {
    name: "reads and ends no session of others",
    next: "Revoke pg_monitor, pg_read_all_stats and pg_signal_backend from the role.",
    look: sessionsOfOthers,
  },
  {
    name: "holds up no build, and fills no disk",
    next: "A superuser gives “jukebase bi role create” again, or revokes execute on these functions from public in this database. On servers where nobody is superuser, only the connection limit and trust help.",
    look: withheld,
  },
  {
    name: "is let into no other database of this server",
    next: "Revoke connect on these databases from public, and grant it to those who need it.",
    look: otherDatabases,
  },
];

async function standing({ owner, reader }: Scene) {
  const [role] = await owner.query<{ attributes: string[]; groups: string[]; owns: number }>(
    `select
       array_remove(array[
         case when rolsuper then 'superuser' end, case when rolcreatedb then 'createdb' end,
         case when rolcreaterole then 'createrole' end, case when rolreplication then 'replication' end,
         case when rolbypassrls then 'bypassrls' end
       ], null) as attributes,
       array(
         select pg_get_userbyid(roleid)::text from pg_auth_members where member = pg_roles.oid order by 1
       ) as groups,
       (select count(*)::integer from pg_shdepend where refobjid = pg_roles.oid and deptype = 'o') as owns
     from pg_roles
     where rolname = $1`,
    [reader.name],
  );
  const { attributes = [], groups = [], owns = 0 } = role ?? {};
  const expected = groupsOf(reader);
  const strange = [
    ...attributes,
    ...groups.filter((group) => !expected.includes(group)).map((group) => `member of ${group}`),
    ...expected.filter((group) => !groups.includes(group)).map((group) => `not a member of ${group}`),
    ...(owns > 0 ? [`owner of ${owns} things`] : []),
  ];
  if (strange.length > 0) return { outcome: "broken", found: strange.join(", ") } as const;
  return { outcome: "held", found: `member of ${groups.join(", ")}, owner of nothing` } as const;
}

function writes({ name }: { readonly name: string }): Attempt[] {
  const view = quoted(`marts.${name}`);
  return [
    { what: `insert into ${name}`, sql: `insert into ${view} default values`, codes: [notUpdatable] },
    { what: `delete from ${name}`, sql: `delete from ${view}`, codes: [notUpdatable] },
    { what: `drop ${name}`, sql: `drop view ${view}` },
  ];
}

const creations: readonly Attempt[] = [
  { what: "a table in marts", sql: "create table marts.jukebase_probe (n integer)" },
  { what: "a table in public", sql: "create table public.jukebase_probe (n integer)" },
  { what: "a temporary table", sql: "create temporary table jukebase_probe (n integer)" },
  { what: "a schema", sql: "create schema jukebase_probe" },
  { what: "a function in marts", sql: "create function marts.jukebase_probe () returns integer language sql return 1" },
  { what: "a temporary function", sql: "create function pg_temp.jukebase_probe () returns integer language sql return 1" },
  { what: "a role", sql: "create role jukebase_probe" },
  { what: "the extension dblink", sql: "create extension dblink", codes: ["0A000", "58P01", "42710"] },
  { what: "the extension file_fdw", sql: "create extension file_fdw", codes: ["0A000", "58P01", "42710"] },
];

// Nobody writes through a view that joins or groups.
const notUpdatable = "55000";
const undefinedFunction = "42883";
// Roles of other installations on the server come and go.
const gone = "22023";

const files: readonly Attempt[] = [
  { what: "pg_read_file", sql: "select pg_read_file('/etc/hostname')" },
  { what: "pg_ls_dir", sql: "select pg_ls_dir('.')" },
  { what: "lo_import", sql: "select lo_import('/etc/hostname')" },
  { what: "copy to program", sql: "copy (select 1) to program 'true'" },
  { what: "copy to a file", sql: "copy (select 1) to '/dev/null'" },
  { what: "dblink", sql: "select dblink_connect('dbname=postgres')", codes: [undefinedFunction] },
];

async function becoming({ owner, reader, temporary }: Scene): Promise<Attempt[]> {
  const roles = await owner.query<{ name: string }>(
    `select rolname::text as name
     from pg_roles
     where rolname <> all($1::text[])
       and (rolsuper or rolcreaterole or rolname like 'pg\\_%' or rolname like 'jukebase%' or rolname = current_user)
     order by 1`,
    [[...groupsOf(reader), reader.name, ...(temporary === undefined ? [] : [temporary])]],
  );
  const session = roles.slice(0, 1).map(({ name }) => ({
    what: `session authorization ${name}`,
    sql: `set session authorization ${quoted(name)}`,
  }));
  return [
    ...roles.map(({ name }) => ({ what: `role ${name}`, sql: `set local role ${quoted(name)}`, codes: [gone] })),
    ...session,
  ];
}

async function sessionsOfOthers({ session, owner, reader }: Scene) {
  const [own] = await owner.query<{ pid: number }>("select pg_backend_pid() as pid");
  const ending = await allRefused(session, [
    { what: "pg_cancel_backend", sql: `select pg_cancel_backend(${own?.pid ?? 0})` },
    { what: "pg_log_backend_memory_contexts", sql: `select pg_log_backend_memory_contexts(${own?.pid ?? 0})` },
  ]);
  if (ending.outcome !== "held") return ending;
  const [seen] = await session.query<{ queries: number }>(
    `select count(*)::integer as queries
     from pg_stat_activity
     where usename not in (current_user, $1) and query not in ('', '<insufficient privilege>')`,
    [reader.name],
  );
  if (seen?.queries === 0) return { outcome: "held", found: "no statement of another session is shown" } as const;
  return { outcome: "broken", found: `statements of ${seen?.queries} other sessions are shown` } as const;
}

async function withheld({ session }: Scene) {
  const open = await session.query<{ function: string }>(withheldFunctions, ["public"]);
  const tried = await allRefused(
    session,
    [
      { what: "an advisory lock", sql: "select pg_try_advisory_xact_lock(0)" },
      { what: "a large object", sql: "select lo_create(0)" },
    ],
    "weak",
  );
  if (tried.outcome !== "held" || open.length === 0) return tried;
  return { outcome: "weak", found: `everybody may call ${open.map((one) => one.function).join(", ")}` } as const;
}

async function otherDatabases({ owner, reader }: Scene) {
  const open = await owner.query<{ name: string }>(
    `select datname::text as name
     from pg_database
     where datallowconn and datname <> current_database() and has_database_privilege($1::name, oid, 'connect')
     order by 1`,
    [reader.name],
  );
  if (open.length === 0) return { outcome: "held", found: "every other database refuses it" } as const;
  const names = open.slice(0, 5).map(({ name }) => name);
  return {
    outcome: "weak",
    found: `may connect to ${names.join(", ")}${open.length > 5 ? ` and ${open.length - 5} more` : ""}, as everybody may`,
  } as const;
}
