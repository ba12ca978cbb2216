import { Conflict } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { columnsOf, fileOf } from "./define-mart.ts";
import { markWhole } from "./marking.ts";
import type { Planned } from "./plan.ts";
import { createPublicView, grantToReaders } from "./public-view.ts";
import { literal, quoted } from "./quote.ts";
import { recordBuilt } from "./record.ts";
import type { Refreshing } from "./refresh.ts";
import { type Built, forget, liveSchema, register, registerShared } from "./registry.ts";
import { codeOf, withShortLocks } from "./session.ts";
import { nothingStanding, putUp, takeDown } from "./standing.ts";
import { columnsIn } from "./store.ts";
import { keepMissingTexts, keepTexts } from "./texts.ts";

/** What is put in place at one moment: in which environment, what was built and filled for it, what others have built, what goes. */
export type Swapping = {
  readonly schema: string;
  readonly changed: readonly Planned[];
  readonly filled: readonly Refreshing[];
  readonly shared: readonly Built[];
  readonly removed: readonly Built[];
};

/** Lets the public names mean the new stores, and forgets the removed marts; the caller's transaction makes it one moment. */
export async function swap(db: Executor, { schema, changed, filled, shared, removed }: Swapping): Promise<void> {
  for (const { name } of removed) {
    await dropView(db, `${schema}.${name}`, "it is no longer among the marts");
    await forget(db, schema, name);
  }
  for (const planned of changed) await replaceView(db, planned, schema);
  for (const { mart, result, positions, read_in = {}, rows } of filled) {
    await register(db, mart, { positions, read_in, rows, rowsChanged: result.rowsChanged, duration_ms: result.duration_ms });
  }
  if (schema === liveSchema) await recordBuilt(db, filled);
  for (const mart of shared) await registerShared(db, schema, mart);
  await keepTexts(db, changed);
  await markWhole(
    db,
    filled
      .map(({ mart }) => mart)
      .filter((mart) => standsOnUnchanged(mart, changed))
      .map((mart) => mart.store),
  );
  if (schema === liveSchema) await grantToReaders(db);
}

/** Brings public views, comments and registry of marts whose stores stayed up to their source, where only words or masks changed. */
export async function documentAnew(db: Executor, unchanged: readonly Planned[], registered: readonly Built[]): Promise<void> {
  await keepMissingTexts(db, unchanged);
  for (const planned of unchanged) {
    const known = registered.find((mart) => mart.name === planned.name);
    if (known?.documentation_hash === planned.documentation_hash) continue;
    if (known !== undefined) await withShortLocks(db, () => replaceView(db, planned, known.schema));
    const { grain, owner, freshness_s, refresh } = planned.mart;
    const schedule = refresh === undefined ? null : JSON.stringify(refresh);
    await db.query(
      `update marts_store.mart
       set documentation_hash = $3, grain = $4, owner = $5, freshness_s = $6, refresh = $7
       where schema = $1 and store = $2`,
      [known?.schema ?? liveSchema, planned.store, planned.documentation_hash, grain, owner, freshness_s, schedule],
    );
    await keepTexts(db, [planned]);
  }
}

async function replaceView(db: Executor, planned: Planned, schema: string): Promise<void> {
  const view = `${schema}.${planned.name}`;
  const before = await columnsIn(db, schema, planned.name);
  const types = new Map((await columnsIn(db, "marts_store", planned.store)).map((column) => [column.name, column.type]));
  const fits = before.every(({ name, type }, n) => planned.columns[n] === name && types.get(name) === type);
  const standing = fits ? nothingStanding : await takeDown(db, view);
  if (!fits) await dropView(db, view, `its columns change (${fileOf(planned.mart)})`);
  await createPublicView(db, planned, view);
  await comment(db, planned, schema);
  await putUp(db, standing, `marts.${planned.name} (${fileOf(planned.mart)})`);
}

async function dropView(db: Executor, view: string, why: string): Promise<void> {
  try {
    await db.query(`drop view if exists ${quoted(view)}`);
  } catch (cause) {
    if (codeOf(cause) !== dependentObjects) throw cause;
    const detail = (cause as { detail?: string }).detail ?? "";
    throw new Conflict(`${view} must be dropped because ${why}, but something else stands on it: ${detail}. Drop that first.`, {
      cause,
    });
  }
}

const dependentObjects = "2BP01";

async function comment(db: Executor, planned: Planned, schema: string): Promise<void> {
  const view = quoted(`${schema}.${planned.name}`);
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
