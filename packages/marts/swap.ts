import { Conflict } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { columnsOf, fileOf } from "./define-mart.ts";
import { markWhole } from "./marking.ts";
import type { Planned } from "./plan.ts";
import { listed, literal, quoted } from "./quote.ts";
import type { Refreshing } from "./refresh.ts";
import { type Built, register } from "./registry.ts";
import { codeOf } from "./session.ts";
import { columnsIn, inStore } from "./store.ts";

/** Lets the public names mean the new stores, and forgets the removed marts; the caller's transaction makes it one moment. */
export async function swap(
  db: Executor,
  changed: readonly Planned[],
  filled: readonly Refreshing[],
  removed: readonly string[],
): Promise<void> {
  for (const name of removed) {
    await dropView(db, name, "it is no longer among the marts");
    await db.query("delete from marts_store.mart where name = $1", [name]);
  }
  for (const planned of changed) await replaceView(db, planned);
  for (const { mart, result, positions, rows } of filled) {
    await register(db, mart, { positions, rows, rowsChanged: result.rowsChanged, duration_ms: result.duration_ms });
  }
  await markWhole(
    db,
    filled
      .map(({ mart }) => mart)
      .filter((mart) => standsOnUnchanged(mart, changed))
      .map((mart) => mart.store),
  );
  await grantToReaders(db);
}

/** Brings comments and registry of marts that stayed in place up to their source, where only their words changed. */
export async function documentAnew(db: Executor, unchanged: readonly Planned[], registered: readonly Built[]): Promise<void> {
  for (const planned of unchanged) {
    const known = registered.find((mart) => mart.name === planned.name);
    if (known?.documentation_hash === planned.documentation_hash) continue;
    await comment(db, planned);
    const { grain, owner, freshness_s } = planned.mart;
    await db.query(
      "update marts_store.mart set documentation_hash = $2, grain = $3, owner = $4, freshness_s = $5 where name = $1",
      [planned.name, planned.documentation_hash, grain, owner, freshness_s],
    );
  }
}

async function replaceView(db: Executor, planned: Planned): Promise<void> {
  const before = await columnsIn(db, "marts", planned.name);
  const types = new Map((await columnsIn(db, "marts_store", planned.store)).map((column) => [column.name, column.type]));
  const fits = before.every(({ name, type }, n) => planned.columns[n] === name && types.get(name) === type);
  if (!fits) await dropView(db, planned.name, `its columns change (${fileOf(planned.mart)})`);
  await db.query(
    `create or replace view ${quoted(`marts.${planned.name}`)} as select ${listed(planned.columns)} from ${inStore(planned.store)}`,
  );
  await comment(db, planned);
}

async function dropView(db: Executor, name: string, why: string): Promise<void> {
  try {
    await db.query(`drop view if exists ${quoted(`marts.${name}`)}`);
  } catch (cause) {
    if (codeOf(cause) !== dependentObjects) throw cause;
    const detail = (cause as { detail?: string }).detail ?? "";
    throw new Conflict(
      `marts.${name} must be dropped because ${why}, but something else stands on it: ${detail}. Drop that first.`,
      { cause },
    );
  }
}

const dependentObjects = "2BP01";

async function comment(db: Executor, planned: Planned): Promise<void> {
  const view = quoted(`marts.${planned.name}`);
  const { description, grain, owner } = planned.mart;
  await db.query(`comment on view ${view} is ${literal(`${description}\nOne row: ${grain}\nOwner: ${owner}`)}`);
  for (const column of columnsOf(planned.mart)) {
    await db.query(`comment on column ${view}.${quoted(column.name)} is ${literal(column.description)}`);
  }
}

// Between filling and now, a materialized view beneath that stayed in place may have been refreshed, and knew nothing of its new reader.
function standsOnUnchanged(mart: Built, changed: readonly Planned[]): boolean {
  return mart.marked_by.some((name) => !changed.some((planned) => planned.name === name));
}

async function grantToReaders(db: Executor): Promise<void> {
  const [role] = await db.query("select 1 as found from pg_roles where rolname = 'jukebase_reader'");
  if (role === undefined) return;
  await db.query("grant usage on schema marts to jukebase_reader");
  await db.query("grant select on all tables in schema marts to jukebase_reader");
}
