import { generations, projectWithin } from "@jukebase/events";
import { lockAll, locksOf, type MartsBeside, refreshBeside, refreshBesideWithin, swapBeside, unlockAll } from "@jukebase/marts";
import { Conflict, type Executor, type Projection } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { shapeOf } from "./copy-schema.ts";
import { follow } from "./fill.ts";
import { nextOf, oldOf } from "./names.ts";
import type { Rebuilding } from "./rebuilding.ts";
import { closeRecord } from "./record.ts";

/** The most events that the swap itself projects: few enough that who waits for it does not notice. */
const events_max = 2_000;
const attempts_max = 100;

/** Who swaps, and the text that goes into the audit log. */
export type Deciding = { readonly actor: string; readonly why?: string | undefined };

/**
 * Puts what was built beside into the live place, in one transaction: the last events, the marts brought up to them, the schemas'
 * names, the marts' views, the next generation's checkpoint, waiting and parked events as the live ones. When more came in than that
 * can bear, or a reader holds a view, it lets go, follows, and tries again. `db` is a session that holds the builder's lock.
 */
export async function swapIn(db: Executor, rebuilding: Rebuilding, built: MartsBeside, deciding: Deciding): Promise<number> {
  let marts = built;
  for (let attempt = 1; ; attempt += 1) {
    await follow(rebuilding.context, rebuilding.projections);
    marts = await refreshBeside(db, marts);
    const swapped = await attemptSwap(db, rebuilding, marts, deciding, attempt === attempts_max);
    if (swapped !== undefined) return swapped;
    await db.query("select pg_sleep(0.2)");
  }
}

async function attemptSwap(
  db: Executor,
  rebuilding: Rebuilding,
  marts: MartsBeside,
  deciding: Deciding,
  last: boolean,
): Promise<number | undefined> {
  const locks = locksOf(marts);
  await lockAll(db, locks);
  await db.query("begin isolation level repeatable read");
  try {
    const seq = await swapWithin(db, rebuilding, marts, deciding);
    await db.query(seq === undefined ? "rollback" : "commit");
    if (seq === undefined && last) throw new Conflict("More comes in than the rebuild can follow. Try again when less does.");
    return seq;
  } catch (failure) {
    await db.query("rollback");
    if (last || !busy.has(codeOf(failure))) throw failure;
    return undefined;
  } finally {
    await unlockAll(db, locks);
  }
}

// lock_not_available, deadlock_detected, serialization_failure
const busy = new Set(["55P03", "40P01", "40001"]);

function codeOf(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === "string") return code;
  return cause === undefined ? "" : codeOf(cause);
}

async function swapWithin(
  db: Executor,
  rebuilding: Rebuilding,
  marts: MartsBeside,
  deciding: Deciding,
): Promise<number | undefined> {
  const { projections, context, jukebase } = rebuilding;
  await db.query("set local synchronous_commit = on");
  await db.query("set local lock_timeout = '5s'");
  // A lock takes no snapshot: the first that is taken, by the next statement, sees the last step of who projected until now.
  await db.query("lock table events.checkpoint in exclusive mode");
  if ((await eventsAhead(db, projections)) > events_max) return undefined;
  for (const projection of projections) await catchUpWithin(db, projection, context);
  const now = await refreshBesideWithin(db, marts);
  await db.query("set local lock_timeout = '200ms'");
  for (const projection of projections) {
    await refuseOtherShape(db, projection);
    await db.query(`alter schema "${projection.schema}" rename to "${oldOf(projection)}"`);
    await db.query(`alter schema "${nextOf(projection).schema}" rename to "${projection.schema}"`);
  }
  const seq = await makeNextLive(db, projections);
  await swapBeside(db, now);
  const at = jukebase.clock.now();
  const object = projections.map(({ name }) => name).join(", ");
  await audit(db, { ...deciding, action: "rebuild.swap", object, after: { rebuild_id: rebuilding.id, seq } }, at);
  if (!(await closeRecord(db, rebuilding.id, { status: "done" }, at)))
    throw new Conflict("Another rebuild has taken over; nothing was swapped.");
  return seq;
}

async function eventsAhead(db: Executor, projections: readonly Projection[]): Promise<number> {
  const [row] = await db.query<{ events: number }>(
    `select coalesce(sum(logged), 0)::bigint as events
     from events.batch
     where seq > (select min(seq) from events.checkpoint where projection = any($1::text[]) and generation = $2)`,
    [projections.map(({ name }) => name), generations.next],
  );
  return row?.events ?? 0;
}

async function catchUpWithin(db: Executor, projection: Projection, context: Rebuilding["context"]): Promise<void> {
  for (;;) {
    const step = await projectWithin(db, nextOf(projection), { ...context, generation: generations.next });
    if (step.batches === 0) return;
  }
}

async function refuseOtherShape(db: Executor, projection: Projection): Promise<void> {
  const { schema } = projection;
  if ((await shapeOf(db, schema)) === (await shapeOf(db, nextOf(projection).schema))) return;
  throw new Conflict(
    `The tables of ${schema} were changed while they were rebuilt, so what was built does not fit any more; rebuild again. Nothing was swapped.`,
  );
}

async function makeNextLive(db: Executor, projections: readonly Projection[]): Promise<number> {
  const names = projections.map(({ name }) => name);
  for (const table of ["checkpoint", "waiting", "parked"]) {
    await db.query(`delete from events.${table} where projection = any($1::text[]) and generation = $2`, [
      names,
      generations.live,
    ]);
    await db.query(`update events.${table} set generation = $2 where projection = any($1::text[]) and generation = $3`, [
      names,
      generations.live,
      generations.next,
    ]);
  }
  const [row] = await db.query<{ seq: number }>(
    "select min(seq) as seq from events.checkpoint where projection = any($1::text[]) and generation = $2",
    [names, generations.live],
  );
  return row?.seq ?? 0;
}
