import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { maskAs } from "../masks.ts";
import { literal, quoted } from "../quote.ts";
import { columnsIn } from "../store.ts";
import { allRefused, type Finding, type Probe, type Scene } from "./probe.ts";
import { groupsOf } from "./readers.ts";

type Look = Pick<Finding, "outcome" | "found">;

/** What data a reader sees, and what it does not. */
export const dataProbes: readonly Probe[] = [
  {
    name: "reads every mart",
    next: "Give “jukebase marts build”: a swap grants the marts to the readers' group.",
    look: readsMarts,
  },
  {
    name: "reads no relation of any other schema, marts_store included",
    next: "Revoke select on what is named from the role, from its groups and from public.",
    look: readsNothingElse,
  },
  {
    name: "sees what tells of persons as it is meant to",
    next: "Give “jukebase marts build”. Where a column is still shown: is the role a member of jukebase_pii_reader, or may it use the installation's own role?",
    look: seesMasks,
  },
  {
    name: "brings no masked or hidden value out by an error of its own condition",
    next: "Give “jukebase marts build”: a view that hides something has to be a security barrier.",
    look: bringsNothingOut,
  },
  {
    name: "sees the rows that it is meant to",
    next: "Give “jukebase marts build”, and look at the mart's visibleTo.",
    look: seesRows,
  },
  {
    name: "reads no statistics of columns that it does not read",
    next: "Revoke select on pg_statistic and on the tables named from the role and from public.",
    look: readsStatistics,
  },
];

async function readsMarts({ session, marts }: Scene): Promise<Look> {
  const refused: string[] = [];
  for (const { name } of marts) {
    await session.query(`select from ${quoted(`marts.${name}`)} limit 1`).catch((error: Error) => {
      refused.push(`${name}: ${error.message}`);
    });
  }
  if (refused.length > 0) return { outcome: "broken", found: refused.slice(0, 3).join("; ") };
  return { outcome: "held", found: `${marts.length} marts` };
}

async function readsNothingElse({ session, owner }: Scene): Promise<Look> {
  const relations = await owner.query<{ name: string }>(
    `select class.oid::regclass::text as name
     from pg_class as class
     join pg_namespace as namespace on namespace.oid = class.relnamespace
     where class.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
       and namespace.nspname not in ('marts', 'information_schema', 'pg_catalog')
       and namespace.nspname !~ '^pg_(toast|temp_)'
     order by 1`,
  );
  const own = ["pg_authid", "pg_statistic", "pg_largeobject", "pg_user_mapping", "pg_hba_file_rules"];
  const names = [...relations.map(({ name }) => name), ...own.map((name) => `pg_catalog.${name}`)];
  return allRefused(
    session,
    names.map((name) => ({ what: name, sql: `select 1 from ${name} limit 1` })),
  );
}

async function seesMasks({ session, owner, reader, marts }: Scene): Promise<Look> {
  const wrong: string[] = [];
  let columns = 0;
  for (const mart of marts) {
    for (const column of Object.keys(mart.sensitive ?? {})) {
      columns += 1;
      const clear = new Map((await clearRows(owner, mart, column)).map((row) => [row.key, row]));
      for (const { key, shown } of await shownRows(session, mart, column)) {
        const row = clear.get(key);
        if (row === undefined || row.clear === row.masked || (shown === row.clear) === reader.sensitive) continue;
        wrong.push(`${mart.name}.${column} ${reader.sensitive ? "is masked" : "is shown"}`);
        break;
      }
    }
  }
  if (wrong.length > 0) return { outcome: "broken", found: wrong.join(", ") };
  return { outcome: "held", found: `${columns} columns ${reader.sensitive ? "in clear, as it was made to" : "masked"}` };
}

// A cast says in its error what it could not read: as good as a function of one's own that tells what it was given.
async function bringsNothingOut({ session, owner, reader, marts }: Scene): Promise<Look> {
  const told: string[] = [];
  let tried = 0;
  for (const mart of marts) {
    const hidden = reader.sensitive ? [] : Object.keys(mart.sensitive ?? {});
    for (const column of [...hidden, ...(mart.visibleTo === undefined ? [] : mart.key)]) {
      tried += 1;
      const forbidden = await forbiddenValues(owner, mart, column, reader);
      const message = await complaintAbout(session, mart, column);
      if (forbidden.some((value) => message.includes(`"${value}x"`))) told.push(`${mart.name}.${column}`);
    }
  }
  if (told.length > 0) return { outcome: "broken", found: `an error told a value of ${told.join(", ")}` };
  return { outcome: "held", found: `${tried} columns tried` };
}

async function seesRows({ session, owner, reader, marts }: Scene): Promise<Look> {
  const wrong: string[] = [];
  const guarded = marts.filter(({ visibleTo }) => visibleTo !== undefined);
  for (const mart of guarded) {
    const allowed = allowedRows(mart, reader);
    const keys = await session.query<{ key: string }>(
      `select ${keyOf(mart)} as key from ${quoted(`marts.${mart.name}`)} order by 1 limit 1000`,
    );
    const [strange] = await owner.query<{ rows: number }>(
      `select count(*)::integer as rows from ${quoted(`marts.${mart.name}`)} where ${keyOf(mart)} = any($1::text[]) and not coalesce((${allowed}), false)`,
      [keys.map(({ key }) => key)],
    );
    if ((strange?.rows ?? 0) > 0) wrong.push(`${strange?.rows} rows of ${mart.name}`);
  }
  if (wrong.length > 0) return { outcome: "broken", found: `sees ${wrong.join(", ")} that it is not meant to` };
  return { outcome: "held", found: guarded.length === 0 ? "no mart has rows for some only" : `${guarded.length} marts` };
}

async function readsStatistics({ session }: Scene): Promise<Look> {
  const shown = await session.query<{ name: string }>(
    `select distinct schemaname || '.' || tablename as name
     from pg_stats
     where schemaname not in ('pg_catalog', 'information_schema')
     order by 1`,
  );
  if (shown.length > 0) return { outcome: "broken", found: shown.map(({ name }) => name).join(", ") };
  return { outcome: "held", found: "pg_stats shows none" };
}

type Clear = { readonly key: string; readonly clear: string | null; readonly masked: string | null };

async function clearRows(owner: Executor, mart: Mart, column: string): Promise<Clear[]> {
  return owner.query<Clear>(
    `select ${keyOf(mart)} as key, ${quoted(column)}::text as clear, ${await maskedText(owner, mart, column)} as masked
     from ${quoted(`marts.${mart.name}`)}
     order by 1
     limit 1000`,
  );
}

function shownRows(session: Executor, mart: Mart, column: string): Promise<{ key: string; shown: string | null }[]> {
  return session.query(
    `select ${keyOf(mart)} as key, ${quoted(column)}::text as shown from ${quoted(`marts.${mart.name}`)} order by 1 limit 1000`,
  );
}

async function forbiddenValues(owner: Executor, mart: Mart, column: string, reader: Scene["reader"]): Promise<string[]> {
  const hidden =
    mart.sensitive?.[column] === undefined
      ? `not coalesce((${allowedRows(mart, reader)}), false)`
      : `${quoted(column)}::text is distinct from ${await maskedText(owner, mart, column)}`;
  const rows = await owner.query<{ value: string | null }>(
    `select distinct ${quoted(column)}::text as value from ${quoted(`marts.${mart.name}`)} where ${hidden} limit 1000`,
  );
  return rows.flatMap(({ value }) => value ?? []);
}

async function complaintAbout(session: Executor, mart: Mart, column: string): Promise<string> {
  try {
    await session.query(
      `select count(*) from ${quoted(`marts.${mart.name}`)} where (${quoted(column)}::text || 'x')::integer = 0`,
    );
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

// The rows of any group that the reader is in and that is named; who is in none of them sees all.
function allowedRows({ visibleTo = {} }: Mart, reader: Scene["reader"]): string {
  const named = Object.entries(visibleTo).filter(([role]) => groupsOf(reader).includes(role));
  return named.length === 0 ? "true" : named.map(([, condition]) => `(${condition})`).join(" or ");
}

async function maskedText(owner: Executor, mart: Mart, column: string): Promise<string> {
  const mask = mart.sensitive?.[column];
  const type = (await columnsIn(owner, "marts", mart.name)).find(({ name }) => name === column)?.type ?? "text";
  return mask === undefined ? quoted(column) : `(${maskAs(mask, type)})::text`;
}

function keyOf({ key }: Mart): string {
  return `concat_ws(${literal(" ")}, ${key.map((column) => `${quoted(column)}::text`).join(", ")})`;
}
