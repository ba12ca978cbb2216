import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { fileOf } from "./define-mart.ts";
import { parseSelect, renameReadings } from "./mart-select.ts";
import { nameBeside, type Planned } from "./plan.ts";
import { listed, literal, quoted } from "./quote.ts";
import type { Reached } from "./reach.ts";
import { withShortLocks } from "./session.ts";
import { dirtyOf, inStore } from "./store.ts";

/** What is to watch a relation (as `reads` names it: `name`) for a mart: `marker` is the trigger function. */
export type Watch = { readonly name: string; readonly relation: string; readonly store: string; readonly marker: string };

/** How a mart comes to be marked: by triggers, and by the refresh of the materialized marts beneath, which have none. */
export type Marking = { readonly watches: readonly Watch[]; readonly marked_by: readonly string[] };

/**
 * Creates the functions by which a write to what a mart reads leaves a mark in the writer's own transaction: the touched buckets of a
 * rollup, or "as a whole" of a materialized mart. Marks are appended, so that writers never wait for each other.
 */
export async function createMarkers(db: Executor, planned: Planned, reached: readonly Reached[]): Promise<Marking> {
  const watched = planned.kind === "view" ? [] : reached.filter((one) => one.kind !== "view" && matters(planned, one));
  const watches: Watch[] = [];
  for (const { name, relation, kind } of watched) {
    if (kind !== "table") continue;
    const marker = `${planned.store}__on_${watches.length + 1}`;
    await createMarker(db, planned, name, relation, marker);
    watches.push({ name, relation, store: planned.store, marker });
  }
  const marts = watched.filter(({ kind, name }) => kind === "materialized" && name.startsWith("marts."));
  return { watches, marked_by: marts.map(({ name }) => name.slice("marts.".length)) };
}

/**
 * Attaches the markers: statement triggers with transition tables, one call per statement, however many rows.
 * One relation per transaction: with never more than one table locked, no writer can be caught in a deadlock.
 */
export async function attachMarkers(db: Executor, watches: readonly Watch[]): Promise<void> {
  for (const [relation, watching] of Map.groupBy(watches, (watch) => watch.relation)) {
    await withShortLocks(db, async () => {
      for (const watch of watching) for (const event of events) await db.query(createTrigger(relation, watch, event));
    });
  }
}

/** Writes the markers' functions anew, once what stood beside the live schemas has taken their names. */
export async function readdressMarkers(db: Executor, planned: readonly Planned[], watches: readonly Watch[]): Promise<void> {
  for (const plan of planned) {
    for (const { name, relation, store, marker } of watches) {
      const standsOnTables = !relation.startsWith("marts_store.");
      if (store === plan.store) await createMarker(db, { ...plan, beside: {} }, name, standsOnTables ? name : relation, marker);
    }
  }
}

/** Marks stores to be computed anew as a whole. */
export async function markWhole(db: Executor, stores: readonly string[]): Promise<void> {
  if (stores.length > 0) await db.query("insert into marts_store.mark (store) select unnest($1::text[])", [stores]);
}

function matters({ mart }: Planned, { name }: Reached): boolean {
  return mart.kind !== "rollup" || typeof mart.reads[name] === "string";
}

async function createMarker(db: Executor, planned: Planned, name: string, relation: string, marker: string): Promise<void> {
  const rollup = planned.kind === "rollup";
  const insert = rollup ? await bucketInsert(planned, name) : wholeInsert(planned);
  if (rollup) await tryBucketSql(db, planned, name, relation, insert);
  await db.query(`
    create or replace function ${inStore(marker)} () returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $marker$
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
}

function createTrigger(relation: string, { store, marker }: Watch, [event, transition]: (typeof events)[number]): string {
  return `create trigger ${quoted(`${store}__${event}`)} after ${event} on ${quoted(relation)} ${transition}
    for each statement execute function ${inStore(marker)} ()`;
}

const events = [
  ["insert", "referencing new table as changed"],
  ["update", "referencing old table as rows_before new table as rows_after"],
  ["delete", "referencing old table as changed"],
  ["truncate", ""],
] as const;

async function bucketInsert(planned: Planned, relation: string): Promise<string> {
  const bucket = planned.mart.bucket ?? [];
  return `insert into ${inStore(dirtyOf(planned))} (${listed(bucket)})
    select distinct ${listed(bucket, "touched")} from (${await bucketSelect(planned, relation)}
    ) as touched`;
}

// Like the definition, it names the stores of the marts that it reads: what a public name means may be something else by then.
async function bucketSelect({ mart, beneath, beside }: Planned, relation: string): Promise<string> {
  const what = `${fileOf(mart)}: reads["${relation}"]`;
  const select = await parseSelect(mart.reads[relation] ?? "", what, ["changed"]);
  return renameReadings(select, (schema, name) => {
    if (schema in beside) return quoted(nameBeside(`${schema}.${name}`, beside));
    if (schema !== "marts") return undefined;
    const store = beneath.get(name);
    if (store === undefined)
      throw new Invalid(`${what} of marts.${mart.name} reads marts.${name}, which its reads do not declare`);
    return inStore(store);
  });
}

function wholeInsert(planned: Planned): string {
  return `insert into marts_store.mark (store) select ${literal(planned.store)} where exists (select from changed)`;
}

// A function's body is only looked at when it runs, which would be in a writer's transaction.
async function tryBucketSql(db: Executor, planned: Planned, name: string, relation: string, insert: string): Promise<void> {
  try {
    await db.query(`explain with changed as (select * from ${quoted(relation)}) ${insert}`);
  } catch (cause) {
    throw new Invalid(`${fileOf(planned.mart)}: reads["${name}"] of marts.${planned.name}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
