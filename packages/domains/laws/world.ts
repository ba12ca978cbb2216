import { append, declareSource, judge, projectOnce, type Received } from "@jukebase/events";
import { refreshMarts } from "@jukebase/marts";
import { pgExecutor, transaction } from "@jukebase/platform";
import type { Jukebase } from "../open.ts";
import type { Sent } from "./arbitrary-case.ts";

/** One case in a world of its own: a source with its own ids, so that many cases share a database without meeting. */
export type Placed = { readonly source: string; readonly event: Sent };

/** Takes events in, in this order, in batches of one source; projects after every batch whose number `projectAfter` names. */
export async function takeIn(
  jukebase: Jukebase,
  placed: readonly Placed[],
  projectAfter: (batch: number) => boolean,
): Promise<void> {
  const db = pgExecutor(jukebase.database.pg);
  const sources = new Map<string, Awaited<ReturnType<typeof declareSource>>>();
  for (const { source } of placed) if (!sources.has(source)) sources.set(source, await declareSource(db, source));
  let batch = 0;
  for (const run of runs(placed)) {
    const source = sources.get((run[0] as Placed).source) as Awaited<ReturnType<typeof declareSource>>;
    const receivedAt = jukebase.clock.now();
    const bench = { contracts: jukebase.contracts, source, keys: jukebase.keys, receivedAt };
    const judged = run.map(({ event }) => judge(receivedOf(event), bench));
    await transaction(jukebase.database.pg, (tx) => append(tx, judged, { source, keys: jukebase.keys, receivedAt }));
    batch += 1;
    if (projectAfter(batch)) await project(jukebase);
  }
}

/** One step of every projection; `all` goes on to the end of the log. */
async function project(jukebase: Jukebase, all = false): Promise<void> {
  for (const projection of jukebase.domains.flatMap((domain) => domain.projections)) {
    for (;;) {
      const step = await projectOnce(projection, { ...jukebase, events_max: all ? 20_000 : 50 });
      if (!all || step.batches === 0) break;
    }
  }
}

/** Everything projected, every mart refreshed. */
export async function settle(jukebase: Jukebase): Promise<void> {
  await project(jukebase, true);
  const refreshed = await refreshMarts(jukebase.database.pg);
  const failed = refreshed.find((mart) => mart.error !== undefined);
  if (failed) throw new Error(`${failed.name}: ${failed.error}`);
}

/** Empties the domains' tables and starts every projection from the first batch; the log stays. */
export async function forgetProjections(jukebase: Jukebase): Promise<void> {
  const tables = await tablesOf(jukebase);
  await jukebase.database.pg.query(`truncate ${tables.join(", ")}, events.waiting, events.parked`);
  await jukebase.database.pg.query("update events.checkpoint set seq = 0");
}

/** Empties everything: the next case starts from nothing. */
export async function forgetAll(jukebase: Jukebase): Promise<void> {
  await forgetProjections(jukebase);
  await jukebase.database.pg.query(
    "truncate events.log, events.key, events.change, events.batch, events.quarantine, events.observation, vault.value, events.load cascade",
  );
}

/**
 * The same row by row: for worlds of a few events it takes a fraction of the time, because no table is made anew, and only the marts that
 * held something are computed again.
 */
export async function forgetEach(jukebase: Jukebase): Promise<void> {
  const tables = [...(await tablesOf(jukebase)), "events.waiting", "events.parked", ...tablesOfLog];
  await jukebase.database.pg.query(
    `begin; ${tables.map((table) => `delete from ${table}`).join("; ")}; update events.checkpoint set seq = 0; commit`,
  );
}

const tablesOfLog = ["change", "log", "key", "quarantine", "observation", "batch", "load"]
  .map((name) => `events.${name}`)
  .concat("vault.value");

/** The domains' tables, schema-qualified. */
export async function tablesOf(jukebase: Jukebase): Promise<string[]> {
  const schemas = jukebase.domains.flatMap((domain) => domain.projections.map((projection) => projection.schema));
  const found = await jukebase.database.pg.query<{ name: string }>(
    "select table_schema || '.' || table_name as name from information_schema.tables where table_schema = any($1) and table_type = 'BASE TABLE' order by 1",
    [schemas],
  );
  return found.rows.map((row) => row.name);
}

function* runs(placed: readonly Placed[]): Generator<Placed[]> {
  let run: Placed[] = [];
  for (const item of placed) {
    if (run.length > 0 && (run[0]?.source !== item.source || run.length >= 7)) {
      yield run;
      run = [];
    }
    run.push(item);
  }
  if (run.length > 0) yield run;
}

function receivedOf(event: Sent): Received {
  return { line: 1, end: 0, bytes: Buffer.from(JSON.stringify(event)), outcome: { ok: true, envelope: { ...event } } };
}
