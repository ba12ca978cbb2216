import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { fileOf } from "./define-mart.ts";
import { lineAt } from "./mart-select.ts";
import { definitionOf, type Planned } from "./plan.ts";
import { listed, quoted } from "./quote.ts";
import { selectedColumns } from "./validity.ts";

/**
 * Creates, empty, what a mart stands on: the view of its SELECT and, unless that is all, the materialized view or the table with its
 * keys, indexes and dirty marks. Throws Invalid with file and line when the SELECT does not run or gives other columns than described.
 */
export async function createStore(db: Executor, planned: Planned): Promise<void> {
  await createDefinition(db, planned);
  await checkColumns(db, planned);
  if (planned.mart.kind === "materialized") await createMaterialized(db, planned);
  if (planned.mart.kind === "rollup") await createRollup(db, planned);
  if (planned.mart.kind === "snapshot") await createSnapshot(db, planned);
}

/** The append-only table of a rollup's buckets that are to be computed anew. */
export function dirtyOf(mart: { readonly store: string }): string {
  return `${mart.store}__dirty`;
}

/** The columns of a relation in marts_store, in order, with their types. */
export async function columnsIn(db: Executor, schema: string, relation: string): Promise<{ name: string; type: string }[]> {
  return db.query<{ name: string; type: string }>(
    `select attname::text as name, format_type(atttypid, atttypmod) as type
     from pg_attribute
     where attrelid = to_regclass($1) and attnum > 0 and not attisdropped
     order by attnum`,
    [quoted(`${schema}.${relation}`)],
  );
}

async function createDefinition(db: Executor, planned: Planned): Promise<void> {
  const opening = `create view ${inStore(definitionOf(planned))} as\n`;
  try {
    await db.query(opening + planned.definition);
  } catch (cause) {
    const position = positionOf(cause);
    const line = position === undefined ? "" : `:${lineAt(planned.definition, position - 1 - opening.length)}`;
    throw new Invalid(`${fileOf(planned.mart)}${line}: ${(cause as Error).message}`, { cause });
  }
}

async function checkColumns(db: Executor, planned: Planned): Promise<void> {
  const given = (await columnsIn(db, "marts_store", definitionOf(planned))).map((column) => column.name);
  const file = fileOf(planned.mart);
  const described = selectedColumns(planned);
  const undescribed = given.filter((name) => !described.includes(name));
  if (undescribed.length > 0)
    throw new Invalid(`${file}: the SELECT gives ${undescribed.join(", ")}, which its row does not describe`);
  const missing = described.filter((name) => !given.includes(name));
  if (missing.length > 0) throw new Invalid(`${file}: its row describes ${missing.join(", ")}, which the SELECT does not give`);
}

async function createMaterialized(db: Executor, planned: Planned): Promise<void> {
  const { store, mart } = planned;
  await db.query(
    `create materialized view ${inStore(store)} as select ${listed(planned.columns)} from ${inStore(definitionOf(planned))} with no data`,
  );
  await db.query(`create unique index ${quoted(`${store}__key`)} on ${inStore(store)} (${listed(mart.key)})`);
  await createIndexes(db, planned, mart.indexes ?? []);
}

async function createRollup(db: Executor, planned: Planned): Promise<void> {
  const { store, mart } = planned;
  const bucket = mart.bucket ?? [];
  const dirty = dirtyOf(planned);
  await db.query(
    `create table ${inStore(store)} as select ${listed(planned.columns)} from ${inStore(definitionOf(planned))} with no data`,
  );
  await db.query(`alter table ${inStore(store)} add constraint ${quoted(`${store}__pkey`)} primary key (${listed(mart.key)})`);
  await db.query(
    `create table ${inStore(dirty)} as select ${listed(bucket)}, clock_timestamp() as marked_at from ${inStore(store)} with no data`,
  );
  await db.query(
    `alter table ${inStore(dirty)} alter column marked_at set default clock_timestamp(), alter column marked_at set not null`,
  );
  const indexes = [...(mart.indexes ?? [])];
  const leads = (index: readonly string[]): boolean => bucket.every((column) => index.slice(0, bucket.length).includes(column));
  if (![mart.key, ...indexes].some(leads)) indexes.push(bucket);
  await createIndexes(db, planned, indexes);
}

// Versions that do not overlap are what the refresh writes, and a test of every snapshot: a temporal key would need a GiST index, which
// loses rows in Postgres 18.
async function createSnapshot(db: Executor, planned: Planned): Promise<void> {
  const { store, mart } = planned;
  const [table, definition] = [inStore(store), inStore(definitionOf(planned))];
  await db.query(
    `create table ${table} as
     select ${listed(selectedColumns(planned))}, null::timestamptz as valid_from, null::timestamptz as valid_to from ${definition}
     with no data`,
  );
  await db.query(
    `alter table ${table}
       alter column valid_from set not null,
       add constraint ${quoted(`${store}__pkey`)} primary key (${listed([...mart.key, "valid_from"])}),
       add constraint ${quoted(`${store}__runs_forward`)} check (valid_from < valid_to)`,
  );
  await db.query(`create unique index ${quoted(`${store}__open`)} on ${table} (${listed(mart.key)}) where valid_to is null`);
  await createIndexes(db, planned, mart.indexes ?? []);
}

async function createIndexes(db: Executor, planned: Planned, indexes: readonly (readonly string[])[]): Promise<void> {
  for (const [n, columns] of indexes.entries()) {
    await db.query(`create index ${quoted(`${planned.store}__${n}`)} on ${inStore(planned.store)} (${listed(columns)})`);
  }
}

/** A relation of marts_store as SQL. */
export function inStore(relation: string): string {
  return quoted(`marts_store.${relation}`);
}

// Where in the statement the server stood, as it says in the error or the one that wraps it.
function positionOf(error: unknown): number | undefined {
  const { position, cause } = error as { position?: unknown; cause?: unknown };
  if (position !== undefined) return Number(position);
  return cause === undefined ? undefined : positionOf(cause);
}
