import { Invalid, NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type pg from "pg";
import { quoted } from "./quote.ts";
import { everyMart, liveSchema } from "./registry.ts";
import { retireOrphans } from "./retire.ts";
import { lockAll, session, within } from "./session.ts";

/** An environment: its marts, and how many of them stand on stores that no other has. */
export type Environment = { readonly name: string; readonly schema: string; readonly marts: number; readonly own: number };

/** The schema of an environment's marts; without a name, the one that everybody reads. Throws Invalid for a name that cannot be one. */
export function schemaOf(name: string | undefined): string {
  if (name === undefined) return liveSchema;
  if (!/^[a-z0-9][a-z0-9_]{0,39}$/.test(name) || name === "store")
    throw new Invalid(`"${name}" cannot name an environment: use 1 to 40 of a-z, 0-9 and _, for example dev.`);
  return `${liveSchema}_${name}`;
}

/** Every environment but the one that everybody reads. */
export async function environments(db: Executor): Promise<Environment[]> {
  const marts = await everyMart(db);
  const schemas = [...new Set(marts.map(({ schema }) => schema))].filter((schema) => schema !== liveSchema);
  return schemas.map((schema) => {
    const members = marts.filter((mart) => mart.schema === schema);
    const own = members.filter(({ store }) => !marts.some((other) => other.schema !== schema && other.store === store));
    return { name: schema.slice(`${liveSchema}_`.length), schema, marts: members.length, own: own.length };
  });
}

/** Makes an environment's schema where there is none. */
export async function prepareSchema(db: Executor, schema: string): Promise<void> {
  if (schema === liveSchema) return;
  const [known] = await db.query("select 1 as found from pg_namespace where nspname = $1", [schema]);
  if (known !== undefined) return;
  await db.query(`create schema ${quoted(schema)}`);
  await db.query(`comment on schema ${quoted(schema)} is 'An environment of marts, built with --env; not for readers.'`);
}

/** Takes an environment away, and the stores that only it stands on. Throws NotFound when there is none of this name. */
export async function dropEnvironment(pool: pg.Pool, name: string): Promise<void> {
  const schema = schemaOf(name);
  await session(pool, async (db) => {
    await lockAll(db, ["/builder"]);
    await within(db, "read committed", async () => {
      if (!(await clearEnvironment(db, schema)))
        throw new NotFound(`There is no environment "${name}". See: jukebase marts env list`);
    });
    await retireOrphans(db);
  });
}

/**
 * Takes environments away whose marts stand on what these projections write, and says which: their tables are about to be others.
 * The caller's transaction makes it one moment with that.
 */
export async function dropEnvironmentsOn(db: Executor, projections: readonly string[]): Promise<string[]> {
  const stands = (await everyMart(db)).filter(
    (mart) => mart.schema !== liveSchema && mart.projections.some((projection) => projections.includes(projection)),
  );
  const schemas = [...new Set(stands.map(({ schema }) => schema))];
  for (const schema of schemas) await clearEnvironment(db, schema);
  return schemas;
}

async function clearEnvironment(db: Executor, schema: string): Promise<boolean> {
  const views = await db.query<{ name: string }>(
    `select class.relname::text as name
     from pg_class as class
     join pg_namespace as namespace on namespace.oid = class.relnamespace
     where namespace.nspname = $1 and class.relkind = 'v'`,
    [schema],
  );
  const gone = await db.query("delete from marts_store.mart where schema = $1 returning 1 as gone", [schema]);
  for (const { name } of views) await db.query(`drop view ${quoted(`${schema}.${name}`)}`);
  await db.query(`drop schema if exists ${quoted(schema)}`);
  return gone.length > 0;
}
