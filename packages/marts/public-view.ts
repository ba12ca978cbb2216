import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import { columnsOf, fileOf } from "./define-mart.ts";
import { isGuarded, maskAs, type TypedColumn } from "./masks.ts";
import { literal, quoted } from "./quote.ts";
import { codeOf } from "./session.ts";
import { columnsIn } from "./store.ts";

/** Every login of a BI tool belongs to this group; it reads the marts. Roles are the server's: databases on one server share the group. */
export const readerGroup = "jukebase_reader";

/** Who belongs to this group, too, sees what tells of natural persons in clear. */
export const personalReaderGroup = "jukebase_pii_reader";

/**
 * Lets `marts.<name>` show a store. Columns that tell of persons are masked, and rows are left out, by what the reader belongs to when it
 * reads; such a view is a security barrier, so that no function in a reader's query sees a row before the view has judged it. The owner
 * sees everything. Throws Invalid naming the file when a mask or a condition does not fit its columns.
 */
export async function createPublicView(
  db: Executor,
  shown: { readonly mart: Mart; readonly store: string },
  view = `marts.${shown.mart.name}`,
): Promise<void> {
  const { mart, store } = shown;
  const columns = await columnsIn(db, "marts_store", store);
  try {
    await db.query(`create or replace view ${quoted(view)} with (security_barrier = ${isGuarded(mart)}) as
      select ${columnsOf(mart)
        .map(({ name }) => outputOf(mart, name, columns))
        .join(", ")}
      from ${quoted(`marts_store.${store}`)}
      ${rowsFor(mart)}`);
  } catch (cause) {
    if (!isGuarded(mart) || isBusy(cause)) throw cause;
    throw new Invalid(`${fileOf(mart)}: what marts.${mart.name} hides (sensitive, visibleTo): ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Lets the readers' group read every mart there is now, if this database was opened to it (`jukebase bi role create`). What else somebody
 * has put into the schema is theirs to grant.
 */
export async function grantToReaders(db: Executor): Promise<void> {
  const [opened] = await db.query<{ opened: boolean }>(
    "select has_schema_privilege(oid, 'marts', 'usage') as opened from pg_roles where rolname = $1",
    [readerGroup],
  );
  if (opened?.opened !== true) return;
  const views = await db.query<{ view: string }>(
    `select class.oid::regclass::text as view
     from pg_class as class
     where class.relnamespace = 'marts'::regnamespace
       and (class.relname = 'mart_freshness' or class.relname in (select name from marts_store.mart where schema = 'marts'))
     order by 1`,
  );
  if (views.length > 0) await db.query(`grant select on ${views.map(({ view }) => view).join(", ")} to ${quoted(readerGroup)}`);
}

// A subquery that reads nothing of the row is answered once for the whole query; the same call bare would be made for every row.
function outputOf(mart: Mart, name: string, columns: readonly TypedColumn[]): string {
  const mask = mart.sensitive?.[name];
  if (mask === undefined) return quoted(name);
  const type = columns.find((column) => column.name === name)?.type ?? "text";
  return `case when (select platform.sees_sensitive()) then ${quoted(name)} else ${maskAs(mask, type)} end as ${quoted(name)}`;
}

function rowsFor({ visibleTo = {} }: Mart): string {
  const policies = Object.entries(visibleTo);
  if (policies.length === 0) return "";
  const roles = policies.map(([role]) => role);
  const other = `(select platform.owns_marts() or not (${roles.map(holds).join(" or ")}))`;
  const named = policies.map(([role, condition]) => `((select ${holds(role)}) and (${condition}))`);
  return `where ${[other, ...named].join(" or ")}`;
}

function holds(role: string): string {
  return `platform.holds_role(${literal(role)})`;
}

function isBusy(error: unknown): boolean {
  return ["55P03", "40P01", "42P16", "2BP01"].includes(codeOf(error));
}
