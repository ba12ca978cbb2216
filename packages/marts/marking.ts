import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { fileOf } from "./define-mart.ts";
import type { Planned } from "./plan.ts";
import { listed, literal, quoted } from "./quote.ts";
import type { Reached } from "./reach.ts";
import { dirtyOf, inStore } from "./store.ts";

/**
 * Lets every later write to what a mart reads leave a mark, in the writer's own transaction: the touched buckets of a rollup, or
 * "as a whole" of a materialized mart. Marks are appended, so that writers never wait for each other.
 * Statement triggers with transition tables: one call per statement, however many rows. Returns the materialized marts beneath, which
 * have no triggers and whose refresh is to mark this one.
 */
export async function createMarking(db: Executor, planned: Planned, reached: readonly Reached[]): Promise<string[]> {
  if (planned.mart.kind === "view") return [];
  const watched = reached.filter((one) => one.kind !== "view" && matters(planned, one));
  let n = 0;
  for (const one of watched.filter(({ kind }) => kind === "table")) {
    await createTriggers(db, planned, one, `${planned.store}__on_${(n += 1)}`);
  }
  return watched.filter(({ kind, name }) => kind === "materialized" && name.startsWith("marts.")).map(({ name }) => name.slice("marts.".length));
}

/** Marks stores to be computed anew as a whole. */
export async function markWhole(db: Executor, stores: readonly string[]): Promise<void> {
  if (stores.length > 0) await db.query("insert into marts_store.mark (store) select unnest($1::text[])", [stores]);
}

function matters({ mart }: Planned, { name }: Reached): boolean {
  return mart.kind === "materialized" || typeof mart.reads[name] === "string";
}

async function createTriggers(db: Executor, planned: Planned, { name, relation }: Reached, marker: string): Promise<void> {
  const rollup = planned.mart.kind === "rollup";
  const insert = rollup ? bucketInsert(planned, name) : wholeInsert(planned);
  if (rollup) await tryBucketSql(db, planned, name, relation, insert);
  await db.query(`
    create function ${inStore(marker)} () returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $marker$
    begin
      if tg_op = 'TRUNCATE' then
        insert into marts_store.mark (store) values (${literal(planned.store)});
      elsif tg_op = 'UPDATE' then
        with changed as (select * from rows_before union all select * from rows_after)
        ${insert};
      else
        ${insert};
      end if;
      return null;
    end
    $marker$`);
  for (const [event, transition] of events) {
    await db.query(
      `create trigger ${quoted(`${planned.store}__${event}`)} after ${event} on ${quoted(relation)} ${transition}
       for each statement execute function ${inStore(marker)} ()`,
    );
  }
}

const events = [
  ["insert", "referencing new table as changed"],
  ["update", "referencing old table as rows_before new table as rows_after"],
  ["delete", "referencing old table as changed"],
  ["truncate", ""],
] as const;

function bucketInsert(planned: Planned, relation: string): string {
  const bucket = planned.mart.bucket ?? [];
  return `insert into ${inStore(dirtyOf(planned))} (${listed(bucket)})
    select distinct ${listed(bucket, "touched")} from (${planned.mart.reads[relation]}
    ) as touched`;
}

function wholeInsert(planned: Planned): string {
  return `insert into marts_store.mark (store) select ${literal(planned.store)} where exists (select from changed)`;
}

// A function's body is only looked at when it runs, which would be in a writer's transaction.
async function tryBucketSql(db: Executor, planned: Planned, name: string, relation: string, insert: string): Promise<void> {
  try {
    await db.query(`explain with changed as (select * from ${quoted(relation)}) ${insert}`);
  } catch (cause) {
    throw new Invalid(`${fileOf(planned.mart)}: reads["${name}"] of marts.${planned.name}: ${(cause as Error).message}`, { cause });
  }
}
