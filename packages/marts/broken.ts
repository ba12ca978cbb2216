import type { Executor } from "@jukebase/platform/executor.ts";
import { definitionOf } from "./plan.ts";
import { type Built, everyMart } from "./registry.ts";
import { within, withShortLocks } from "./session.ts";
import { dirtyOf } from "./store.ts";

/**
 * Forgets marts of which somebody has dropped a part by hand (the store, the view of its SELECT, or the table of its marks), and all that
 * stand on them: a build then makes them anew. What is left of them is moved away, where it serves on until `dropGone`.
 */
export async function forgetBroken(db: Executor): Promise<void> {
  const { broken, left } = await findBroken(db);
  if (broken.size === 0) return;
  await within(db, "read committed", async () => {
    await db.query("delete from marts_store.mart where store = any($1::text[])", [[...broken]]);
    await db.query("create schema if not exists marts_gone");
    for (const { sql } of await db.query<{ sql: string }>(movingAway, [left])) await db.query(sql);
  });
}

/** The stores of which somebody has dropped a part by hand, with all that stand on them, and the parts of them that are left. */
export async function findBroken(
  db: Executor,
): Promise<{ readonly broken: ReadonlySet<string>; readonly left: readonly string[] }> {
  const marts = await everyMart(db);
  const parts = marts.flatMap((mart) => partsOf(mart).map((part) => ({ store: mart.store, part: `marts_store.${part}` })));
  const missing = await missingOf(
    db,
    parts.map(({ part }) => part),
  );
  const broken = withAllAbove(marts, new Set(parts.filter(({ part }) => missing.has(part)).map(({ store }) => store)));
  const left = parts.filter(({ store, part }) => broken.has(store) && !missing.has(part)).map(({ part }) => part);
  return { broken, left: [...new Set(left)] };
}

/** Takes away what was moved away, once something else has its place. */
export async function dropGone(db: Executor): Promise<void> {
  await withShortLocks(db, () => db.query("drop schema if exists marts_gone cascade"));
}

/** The stores of those marts whose public view is not there. */
export async function withoutView(db: Executor, marts: readonly Built[]): Promise<ReadonlySet<string>> {
  const missing = await missingOf(
    db,
    marts.map(({ schema, name }) => `${schema}.${name}`),
  );
  return new Set(marts.filter(({ schema, name }) => missing.has(`${schema}.${name}`)).map(({ store }) => store));
}

function partsOf(mart: Built): string[] {
  const parts = [mart.store, definitionOf(mart), ...(mart.kind === "rollup" ? [dirtyOf(mart)] : [])];
  return [...new Set(parts)];
}

function withAllAbove(marts: readonly Built[], broken: Set<string>): Set<string> {
  const brokenIn = (schema: string, name: string): boolean =>
    marts.some((mart) => mart.schema === schema && mart.name === name && broken.has(mart.store));
  for (let before = -1; before !== broken.size; ) {
    before = broken.size;
    for (const mart of marts) if (mart.upstream.some((name) => brokenIn(mart.schema, name))) broken.add(mart.store);
  }
  return broken;
}

async function missingOf(db: Executor, relations: readonly string[]): Promise<Set<string>> {
  const rows = await db.query<{ relation: string }>(
    `select relation
     from unnest($1::text[]) as named (relation)
     where to_regclass(relation) is null`,
    [relations],
  );
  return new Set(rows.map(({ relation }) => relation));
}

// To a schema of their own, since their indexes and constraints have names, too.
const movingAway = `
  select format(
    'alter %s %s set schema marts_gone',
    case class.relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end,
    class.oid::regclass
  ) as sql
  from unnest($1::text[]) as named (relation)
  join pg_class as class on class.oid = named.relation::regclass`;
