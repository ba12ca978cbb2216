import { type Clock, type Database, type EventContract, type Executor, type Projection, transaction } from "@jukebase/platform";
import type { Recalling } from "../archive/recall.ts";
import { parkPurged, recallForRetry, recallForStep, recallWaiting } from "../archive/recall-step.ts";
import { gather, type Span, span } from "./gather.ts";
import { generations } from "./generation.ts";
import { keepWaiting } from "./keep-waiting.ts";
import { prepareSession } from "./session.ts";

/** What a projection needs to run: its place in the log is kept in the database. */
export type ProjectionContext = {
  readonly database: Database;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly clock: Clock;
  /** The live one unless said; a rebuild fills the next beside it. */
  readonly generation?: number;
  /** The most events one transaction takes on (a single larger batch is still taken whole). */
  readonly events_max?: number;
  /** Where to stop: batches after this one are left. The end of the log unless said. */
  readonly upto?: number;
  /** The folder of the log's archives, for what a later event changes. */
  readonly archive?: string | undefined;
};

/** One step's outcome; `busy` when another process is projecting, `batches` 0 when the end of the log is reached. */
export type Step = {
  readonly busy: boolean;
  readonly batches: number;
  readonly events: number;
  readonly parked: number;
  readonly seq: number;
};

/** Reads the log to its end, step by step; says what it did. Stops early when `stopped` says so, or when another is at it. */
export async function catchUp(
  projection: Projection,
  context: ProjectionContext,
  onStep: (step: Step) => void = () => {},
  stopped: () => boolean = () => false,
): Promise<{ events: number; parked: number; seq: number; busy: boolean }> {
  const total = { events: 0, parked: 0, seq: 0, busy: false };
  const most = context.events_max ?? events_max;
  let room = most;
  while (!stopped()) {
    const step = await projectOnce(projection, { ...context, events_max: room });
    // Where one step had to be small, the next begins small: what cannot be applied seldom comes alone.
    room = Math.min(most, Math.max(200, step.events * 4));
    total.events += step.events;
    total.parked += step.parked;
    total.seq = step.seq;
    total.busy = step.busy;
    onStep(step);
    if (step.busy || step.batches === 0) break;
  }
  return total;
}

/** Applies the batches after the checkpoint: tables, waiting, parked and checkpoint in one transaction. */
export function projectOnce(projection: Projection, context: ProjectionContext): Promise<Step> {
  return transaction(context.database.pg, (db) => projectWithin(db, projection, context));
}

/** The same within the caller's transaction: how a command shows its own effect to whoever reads next. */
export async function projectWithin(
  db: Executor,
  projection: Projection,
  context: Omit<ProjectionContext, "database">,
): Promise<Step> {
  const generation = context.generation ?? generations.live;
  const checkpoint = await lockCheckpoint(db, projection.name, generation);
  if (checkpoint === undefined) return { busy: true, batches: 0, events: 0, parked: 0, seq: 0 };
  const ahead = await span(db, checkpoint, context.events_max ?? events_max, context.upto);
  if (ahead === undefined) return { busy: false, batches: 0, events: 0, parked: 0, seq: checkpoint };
  const recalling = { archive: context.archive, at: context.clock.now() };
  const purged = await recallForStep(db, recalling, ahead);
  await prepareSession(db, projection, context.contracts);
  const { window, parked: failed } = await applyWhatPasses(db, projection, generation, ahead, recalling);
  const parked = failed + (await parkPurged(db, purged, projection, generation, window, recalling.at));
  await db.query("update events.checkpoint set seq = $3, updated_at = $4 where projection = $1 and generation = $2", [
    projection.name,
    generation,
    window.to,
    context.clock.now().toISOString(),
  ]);
  await db.query("set local search_path to default");
  return { busy: false, batches: window.batches, events: window.events, parked, seq: window.to };
}

const events_max = 20_000;

// What cannot be applied is searched for in halves, event by event, which is slow: so the step is cut down to fewer batches first, and only
// in a single one is searched.
async function applyWhatPasses(
  db: Executor,
  projection: Projection,
  generation: number,
  ahead: Span,
  recalling: Recalling,
): Promise<{ window: Span; parked: number }> {
  let window = ahead;
  for (;;) {
    const { roots } = await gather(db, projection, generation, window);
    if (window.batches === 1) return { window, parked: await applyOrPark(db, projection, generation, window, roots, recalling) };
    if ((await attempt(db, projection, generation, recalling)) === undefined) return { window, parked: 0 };
    window = (await span(db, window.from, Math.floor(window.events / 2))) ?? window;
  }
}

/** Tries what was parked once more, say after a fix; says how many were tried and how many of them stay parked. */
export async function retryParked(
  projection: Projection,
  context: ProjectionContext,
): Promise<{ tried: number; parked: number }> {
  const generation = context.generation ?? generations.live;
  const { rows } = await context.database.pg.query<{ event_key: string }>(
    `select event_key
     from events.parked
     where projection = $1
       and generation = $2
       and not exists (select from events.change where change.change_key = parked.event_key)
     order by log_id`,
    [projection.name, generation],
  );
  const total = { tried: 0, parked: 0 };
  for (let from = 0; from < rows.length; from += retried_max) {
    const keys = rows.slice(from, from + retried_max).map((row) => row.event_key);
    const again = await transaction(context.database.pg, (db) => retryWithin(db, projection, context, keys));
    total.tried += again.tried;
    total.parked += again.parked;
  }
  return total;
}

const retried_max = 1000;

async function retryWithin(
  db: Executor,
  projection: Projection,
  context: ProjectionContext,
  keys: readonly string[],
): Promise<{ tried: number; parked: number }> {
  const generation = context.generation ?? generations.live;
  const seq = await lockCheckpoint(db, projection.name, generation);
  if (seq === undefined) return { tried: 0, parked: 0 };
  const here: Span = { from: seq, to: seq, batches: 0, events: 0, ids: [] };
  const recalling = { archive: context.archive, at: context.clock.now() };
  await recallForRetry(db, recalling, keys);
  await prepareSession(db, projection, context.contracts);
  const { roots } = await gather(db, projection, generation, here, keys);
  return { tried: keys.length, parked: await applyOrPark(db, projection, generation, here, roots, recalling) };
}

// An insert would wait for whoever is at the checkpoint, also when it conflicts: so it is only made where no row is yet.
async function lockCheckpoint(db: Executor, projection: string, generation: number): Promise<number | undefined> {
  const named = [projection, generation];
  const [known] = await db.query("select seq from events.checkpoint where projection = $1 and generation = $2", named);
  if (!known)
    await db.query("insert into events.checkpoint (projection, generation) values ($1, $2) on conflict do nothing", named);
  const [row] = await db.query<{ seq: number }>(
    "select seq from events.checkpoint where projection = $1 and generation = $2 for update skip locked",
    named,
  );
  return row?.seq;
}

// All at once; when that fails, halves, down to the one event that cannot be applied: it is parked, the others pass.
async function applyOrPark(
  db: Executor,
  projection: Projection,
  generation: number,
  window: Span,
  rootsOf: () => Promise<readonly string[]>,
  recalling: Recalling,
): Promise<number> {
  const failure = await attempt(db, projection, generation, recalling);
  if (failure === undefined) return 0;
  const roots = await rootsOf();
  if (roots.length === 0) throw failure;
  if (roots.length === 1) {
    await db.query("delete from pg_temp.incoming");
    await attempt(db, projection, generation, recalling); // Its older form goes, as if it had never been; if that fails too, it stays.
    await park(db, projection.name, generation, roots[0] as string, failure, recalling.at);
    return 1;
  }
  const middle = Math.ceil(roots.length / 2);
  let parked = 0;
  for (const half of [roots.slice(0, middle), roots.slice(middle)]) {
    const { roots: rest } = await gather(db, projection, generation, window, half);
    parked += await applyOrPark(db, projection, generation, window, rest, recalling);
  }
  return parked;
}

async function attempt(
  db: Executor,
  projection: Projection,
  generation: number,
  recalling: Recalling,
): Promise<Error | undefined> {
  await db.query("savepoint applying");
  try {
    await projection.apply(db);
    await db.query("set constraints all immediate");
    await db.query("set constraints all deferred");
    await recallWaiting(db, recalling, projection, generation);
    await keepWaiting(db, projection.name, generation);
    await db.query("release savepoint applying");
    return undefined;
  } catch (error) {
    if (!isAboutData(error)) throw error;
    await db.query("rollback to savepoint applying");
    return error as Error;
  }
}

// Classes 22 (data exception) and 23 (integrity constraint): the event's fault. Anything else is the system's, and is retried.
function isAboutData(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^2[23]/.test(code);
}

async function park(db: Executor, projection: string, generation: number, key: string, failure: Error, at: Date): Promise<void> {
  await db.query(
    `insert into events.parked (projection, generation, log_id, event_key, type, error, parked_at)
     select $1, $2::int, log.log_id, log.event_key, log.type, $4, $5::timestamptz
     from events.key
     join events.log on log.log_id = key.log_id and log.event_key = key.event_key
     where key.event_key = $3::uuid
     on conflict (projection, generation, log_id) do update set error = excluded.error, parked_at = excluded.parked_at`,
    [projection, generation, key, failure.message, at.toISOString()],
  );
}
