import { aloneWithArchives, attachedFor, detachLeft, endOfLog, generations } from "@jukebase/events";
import { buildBeside, type CheckFailure, retireOrphans, runChecks, whereBeside } from "@jukebase/marts";
import { Conflict, type Executor, NotFound, type Projection, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import type { Jukebase } from "./open.ts";
import { clearNext, dropSchema } from "./rebuild/clear.ts";
import { compareWithLive, type TableDifference } from "./rebuild/compare.ts";
import { fillNext, follow } from "./rebuild/fill.ts";
import { nextOf, oldOf } from "./rebuild/names.ts";
import { alone, fillingDatabase, type Rebuilding } from "./rebuild/rebuilding.ts";
import { Aborted, askToAbort, closeRecord, openRecord, type RebuildRecord, recentRebuilds } from "./rebuild/record.ts";
import { refuseUncopyable } from "./rebuild/refuse-uncopyable.ts";
import { type RebuildSizes, sizesOf } from "./rebuild/size.ts";
import { swapIn } from "./rebuild/swap.ts";
import { type RebuildProgress, type Tell, teller } from "./rebuild/tell.ts";

/** What may be said of a rebuild. */
export type RebuildOptions = {
  /** Only these domains; all that have tables unless said. */
  readonly domains?: readonly string[];
  /** Compare with what is live instead of taking its place. */
  readonly verify?: boolean;
  /** Who asked, for the audit log, and why. */
  readonly actor: string;
  readonly why?: string | undefined;
  /** Told before anything is read or brought back; when it throws, the rebuild ends. */
  readonly onStart?: (sizes: RebuildSizes) => void | Promise<void>;
  readonly onProgress?: (progress: RebuildProgress) => void | Promise<void>;
};

/** How a rebuild ended. `swapped` is false after a verification, or when checks failed: then what was live still is. */
export type Rebuilt = {
  readonly rebuild_id: string;
  readonly projections: readonly string[];
  readonly events: number;
  /** Until the tables stood, filled up to the end of the log; and the whole. */
  readonly filled_ms: number;
  readonly total_ms: number;
  readonly seq: number;
  readonly marts: readonly string[];
  readonly swapped: boolean;
  readonly failures: readonly CheckFailure[];
  readonly differences: readonly TableDifference[];
  /** Old tables that a reader still held; the next rebuild removes them. */
  readonly left_behind: boolean;
};

/**
 * Replays the log into fresh tables beside the live ones, builds the marts that stand on them, runs the checks, and swaps all of it in,
 * in one transaction. Intake, projections and readers go on meanwhile; if anything fails, what is live stays as it was. While the log is
 * read, its archives stand in it; after a purge it starts from the opening state. Throws NotFound for a domain that is none, Conflict
 * when another rebuild runs, somebody is at work on the archives, or a schema holds what cannot be brought along.
 */
export async function rebuild(jukebase: Jukebase, options: RebuildOptions): Promise<Rebuilt> {
  const projections = projectionsOf(jukebase, options.domains);
  const filling = await fillingDatabase(jukebase, hands + 5);
  try {
    const rebuilt = await alone(filling, false, (db) =>
      aloneWithArchives(filling, async () => {
        await clearNext(db, everyProjection(jukebase));
        for (const { schema } of projections) await refuseUncopyable(db, schema);
        const id = await open(jukebase, projections, options);
        const context = { ...jukebase, database: filling };
        return recorded({ id, jukebase, projections, context }, db, options);
      }),
    );
    if (rebuilt === undefined) throw await runningAlready(jukebase);
    return rebuilt;
  } finally {
    await filling.end();
  }
}

/** Ends a rebuild: asks one that runs to stop and waits for it, or takes away what one left whose process is gone. Throws NotFound without one. */
export async function abortRebuild(jukebase: Jukebase, actor: string): Promise<RebuildRecord> {
  const filling = await fillingDatabase(jukebase, 4);
  try {
    const asked = await transaction(filling.pg, async (db) => {
      const record = await askToAbort(db);
      await audit(
        db,
        { actor, action: "rebuild.abort", object: record.projections.join(", "), before: { rebuild_id: record.rebuild_id } },
        jukebase.clock.now(),
      );
      return record;
    });
    await alone(filling, true, async (db) => {
      await clearNext(db, everyProjection(jukebase));
      await aloneWithArchives(filling, () => detachLeft(filling));
      await closeRecord(db, asked.rebuild_id, { status: "aborted" }, jukebase.clock.now());
    });
    return asked;
  } finally {
    await filling.end();
  }
}

/** Connections that fill at once: one for each of the two cores that Jukebase is made for. */
const hands = 2;

function everyProjection({ domains }: Pick<Jukebase, "domains">): Projection[] {
  return domains.flatMap((domain) => domain.projections);
}

function projectionsOf({ domains }: Pick<Jukebase, "domains">, names: readonly string[] | undefined): Projection[] {
  const able = domains.filter((domain) => domain.projections.length > 0);
  const chosen = names?.map((name) => {
    const found = able.find((domain) => domain.name === name);
    if (found !== undefined) return found;
    const known = able.map((domain) => domain.name).join(", ");
    throw new NotFound(`There is no domain "${name}" with tables of its own. Known: ${known}.`);
  });
  return [...new Set(chosen ?? able)].flatMap((domain) => domain.projections);
}

function open(jukebase: Jukebase, projections: readonly Projection[], { actor, why, verify }: RebuildOptions): Promise<string> {
  return transaction(jukebase.database.pg, async (db) => {
    const at = jukebase.clock.now();
    const names = projections.map(({ name }) => name);
    const action = verify ? "rebuild.verify" : "rebuild.start";
    await audit(db, { actor, why, action, object: names.join(", ") }, at);
    return openRecord(db, names, at);
  });
}

async function runningAlready({ database }: Jukebase): Promise<Conflict> {
  const [running] = await recentRebuilds(
    { query: async (text, values = []) => (await database.pg.query(text, [...values])).rows },
    1,
  );
  const what = running?.status === "running" ? ` of ${running.projections.join(", ")}, since ${running.started_at}` : "";
  return new Conflict(`A rebuild is running${what}. Wait until it is through, or end it: jukebase rebuild --abort`);
}

async function recorded(rebuilding: Rebuilding, db: Executor, options: RebuildOptions): Promise<Rebuilt> {
  const { jukebase, id, projections } = rebuilding;
  try {
    const done = await run(rebuilding, db, options);
    if (done.swapped) return done;
    await clearNext(db, projections);
    const failed = done.failures.map(({ name }) => name).join("; ");
    await closeRecord(
      db,
      id,
      failed === "" ? { status: "done" } : { status: "failed", error: `Checks failed: ${failed}` },
      jukebase.clock.now(),
    );
    return done;
  } catch (failure) {
    await giveUp(rebuilding, db, failure as Error);
    throw failure;
  }
}

// When the server is gone, so is the chance to clean up: the next rebuild, or --abort, does.
async function giveUp({ jukebase, id, projections }: Rebuilding, db: Executor, failure: Error): Promise<void> {
  try {
    await clearNext(db, projections);
    const outcome =
      failure instanceof Aborted ? ({ status: "aborted" } as const) : ({ status: "failed", error: failure.message } as const);
    await closeRecord(db, id, outcome, jukebase.clock.now());
  } catch (cause) {
    throw new AggregateError(
      [failure, cause],
      `${failure.message} What it left could not be cleared away: ${(cause as Error).message}`,
      {
        cause: failure,
      },
    );
  }
}

async function run(rebuilding: Rebuilding, db: Executor, options: RebuildOptions): Promise<Rebuilt> {
  const { jukebase, projections, id } = rebuilding;
  const started_ms = performance.now();
  const tell = teller(rebuilding, options.onProgress);
  const filled = await fill(rebuilding, db, options, tell, started_ms);
  const outcome = {
    rebuild_id: id,
    projections: projections.map(({ name }) => name),
    ...filled,
    seq: 0,
    marts: [],
    swapped: false,
  };
  const none = { failures: [], differences: [], left_behind: false };
  const ended = (): { total_ms: number } => ({ total_ms: Math.round(performance.now() - started_ms) });
  if (options.verify) return { ...outcome, ...none, differences: await compareWithLive(rebuilding), ...ended() };
  await tell("marts");
  const beside = Object.fromEntries(projections.map((projection) => [projection.schema, nextOf(projection).schema]));
  const { marts, schemas, domains } = jukebase;
  const built = await buildBeside(db, marts, { schemas, beside, projections: outcome.projections });
  await tell("checks");
  const checks = domains.flatMap((domain) => domain.checks);
  const failures = (await runChecks(db, checks, whereBeside(built))).filter(({ severity }) => severity === "error");
  if (failures.length > 0) return { ...outcome, ...none, failures, ...ended() };
  await tell("swap");
  const seq = await swapIn(db, rebuilding, built, { actor: options.actor, why: options.why });
  const left_behind = !(await retire(db, projections));
  const names = built.changed.map(({ name }) => name);
  return { ...outcome, ...none, seq, marts: names, swapped: true, left_behind, ...ended() };
}

async function fill(
  rebuilding: Rebuilding,
  db: Executor,
  options: RebuildOptions,
  tell: Tell,
  started_ms: number,
): Promise<{ events: number; filled_ms: number }> {
  const { projections, jukebase, context } = rebuilding;
  const upto = options.verify ? await leastLive(db, projections) : await endOfLog(db);
  const sizes = await sizesOf(db, rebuilding, upto);
  await options.onStart?.(sizes);
  const onProgress = (rows: number, of: number): Promise<void> => tell(`bringing archives back, ${rows} of ${of} events`);
  await attachedFor(
    { ...context, archive: jukebase.archive },
    async () => {
      await tell("reading the log", undefined, sizes.events);
      await fillNext({ ...context, upto }, projections, hands, tell);
    },
    { onProgress },
  );
  if (!options.verify) await follow(context, projections);
  return { events: sizes.events, filled_ms: Math.round(performance.now() - started_ms) };
}

async function leastLive(db: Executor, projections: readonly Projection[]): Promise<number> {
  const [row] = await db.query<{ seq: number }>(
    "select coalesce(min(seq), 0) as seq from events.checkpoint where projection = any($1::text[]) and generation = $2",
    [projections.map(({ name }) => name), generations.live],
  );
  return row?.seq ?? 0;
}

async function retire(db: Executor, projections: readonly Projection[]): Promise<boolean> {
  let all = await retireOrphans(db);
  for (const projection of projections) all = (await dropSchema(db, oldOf(projection))) && all;
  return all;
}
