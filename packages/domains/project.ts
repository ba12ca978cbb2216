import { setTimeout as wait } from "node:timers/promises";
import { catchUp, generations, openingSeq, type Step } from "@jukebase/events";
import { Conflict, type Executor, type Projection, pgExecutor } from "@jukebase/platform";
import type { Jukebase } from "./open.ts";
import { isRebuilding } from "./rebuild/rebuilding.ts";
import { type RebuildRecord, recentRebuilds } from "./rebuild/record.ts";
import type { RebuildProgress } from "./rebuild/tell.ts";
import { rebuild } from "./rebuild.ts";

/** What is told while a projection is brought to the end of the log: its steps, or how far a rebuild is that does it in bulk. */
export type Projecting = {
  readonly onStep?: ((step: Step) => void) | undefined;
  readonly onBulk?: ((progress: RebuildProgress) => void) | undefined;
  /** Asked between steps, and between the phases of a rebuild, whether to stop. */
  readonly stopped?: (() => boolean) | undefined;
  /** Who asks, for the audit log: a rebuild is written there. */
  readonly actor: string;
  /** From how many events on a projection is far behind. */
  readonly far?: number | undefined;
};

/** What was done: events projected by steps, and whether a rebuild did the rest before. */
export type Projected = Awaited<ReturnType<typeof catchUp>> & { readonly rebuilt: boolean };

/**
 * Projects the log to its end: step by step, or, while more lies ahead of the projection than behind it (the first load of a large file,
 * say), by rebuilding beside, which takes a fraction of the time and brings the marts along. What a rebuild cannot do, steps can.
 */
export async function project(projection: Projection, jukebase: Jukebase, projecting: Projecting): Promise<Projected> {
  const { onStep, stopped = () => false } = projecting;
  let rebuilt = false;
  if (projection.bulk !== undefined) rebuilt = await closeTheGap(projection, jukebase, projecting);
  return { ...(await catchUp(projection, jukebase, onStep, stopped)), rebuilt };
}

/** Fewer are stepped through: a rebuild makes schemas, marts and checks anew, however few there are. */
const farBehind_events = 200_000;
const look_ms = 500;

// Another process, or the other projection's turn, may be rebuilding this one already: then it is waited for.
async function closeTheGap(projection: Projection, jukebase: Jukebase, projecting: Projecting): Promise<boolean> {
  const db = pgExecutor(jukebase.database.pg);
  const stopped = projecting.stopped ?? (() => false);
  while (!stopped() && (await isFarBehind(db, projection, projecting.far))) {
    const last = await recentRebuilds(db, tries_max);
    const running = await isRebuilding(db);
    if (running && last[0]?.status === "running" && !last[0].projections.includes(projection.name)) return false;
    if (running) await wait(look_ms);
    else if (speaksAgainst(last, jukebase)) return false;
    else {
      const rebuilt = await rebuildTheFar(db, jukebase, projecting);
      if (rebuilt !== "busy") return rebuilt;
    }
  }
  return false;
}

async function rebuildTheFar(db: Executor, jukebase: Jukebase, projecting: Projecting): Promise<boolean | "busy"> {
  const { actor, onBulk, stopped = () => false, far } = projecting;
  const names: string[] = [];
  for (const { name, projections } of jukebase.domains) {
    const behind = await Promise.all(projections.map((one) => isFarBehind(db, one, far)));
    if (projections.length > 0 && behind.every(Boolean)) names.push(name);
  }
  if (names.length === 0) return false;
  try {
    const why = "More lies ahead than behind: in bulk it takes less time than step by step.";
    const onProgress = (progress: RebuildProgress): void => {
      onBulk?.(progress);
      if (stopped()) throw new Conflict("The process that rebuilt was told to stop; the next goes on.");
    };
    return (await rebuild(jukebase, { actor, why, domains: names, onProgress })).swapped;
  } catch (failure) {
    if (!(failure instanceof Conflict)) throw failure;
    return (await isRebuilding(db)) ? "busy" : false; // It says what stands in the way; steps pass that by.
  }
}

/** Whether there are many events ahead of a projection, and no fewer than behind it: then to read everything anew costs the least. */
async function isFarBehind(db: Executor, { name }: Projection, far = farBehind_events): Promise<boolean> {
  const [row] = await db.query<{ seq: number; ahead: number }>(
    `with at as (
       select coalesce(max(seq), 0) as seq
       from events.checkpoint
       where projection = $1 and generation = $2
     )
     select at.seq, (select coalesce(sum(logged), 0)::bigint from events.batch where batch.seq > at.seq) as ahead
     from at`,
    [name, generations.live],
  );
  if (row === undefined || row.ahead < far) return false;
  const [done] = await db.query<{ behind: number }>(
    "select coalesce(sum(logged), 0)::bigint as behind from events.batch where seq <= $1::bigint",
    [row.seq],
  );
  return (done?.behind ?? 0) <= row.ahead && (await openingSeq(db)) === undefined;
}

const tries_max = 3;
const forgotten_ms = 60 * 60 * 1000;

// Somebody stopped one lately, or the last few all failed: for an hour it goes step by step.
function speaksAgainst(last: readonly RebuildRecord[], { clock }: Pick<Jukebase, "clock">): boolean {
  const since = clock.now().getTime() - forgotten_ms;
  const unlucky = last.filter(({ status, started_at }) => status !== "done" && Date.parse(started_at) > since);
  return unlucky.length === tries_max || unlucky.some(({ status }) => status === "aborted");
}
