import {
  catchUp,
  deriveAll,
  endOfLog,
  generations,
  type InBulk,
  insertChangedFacts,
  insertFacts,
  openingSeq,
  type ProjectionContext,
  projectOnce,
  restoreOpening,
  spansUpTo,
} from "@jukebase/events";
import { type Executor, type Projection, pgExecutor, transaction } from "@jukebase/platform";
import { addKeys, addReferences, copySchema } from "./copy-schema.ts";
import { nextOf } from "./names.ts";
import type { Tell } from "./tell.ts";

/** What a fill reads: everything up to the batch `upto`. */
export type Filling = ProjectionContext & { readonly upto: number };

/**
 * Fills fresh tables beside the live ones from the log: the facts of all projections in one reading, on as many connections as `hands`
 * says, then the keys, then what follows from the facts. When that meets an event which cannot be applied, or a projection does not say
 * how it is done in bulk, the tables are filled step by step as live does, where single events can be parked; and so they are after a
 * purge, when they start from the opening state, while reading in bulk starts from nothing. The archives must stand in the log.
 */
export async function fillNext(context: Filling, projections: readonly Projection[], hands: number, tell: Tell): Promise<void> {
  const opened = (await openingSeq(pgExecutor(context.database.pg))) !== undefined;
  const bulk = opened ? [] : projections.filter(isInBulk);
  const stepwise = opened ? [...projections] : projections.filter((projection) => !isInBulk(projection));
  await makeTables(context, projections);
  try {
    await fillInBulk(context, bulk, hands, tell);
  } catch (failure) {
    if (!isAboutData(failure)) throw failure;
    await tell("starting again, step by step");
    await dropTables(context, bulk);
    await makeTables(context, bulk);
    stepwise.push(...bulk);
  }
  for (const projection of stepwise) await fillStepwise(context, projection, tell);
}

/** Brings what is beside up to where the log ends now, or to `upto`: with an end that is fixed, since more may come in all the time. */
export async function follow(context: ProjectionContext, projections: readonly Projection[]): Promise<void> {
  const upto = context.upto ?? (await endOfLog(pgExecutor(context.database.pg)));
  for (const projection of projections)
    await catchUp(nextOf(projection), { ...context, upto, generation: generations.next, events_max: events_per_piece });
}

function makeTables({ database }: Filling, projections: readonly Projection[]): Promise<void> {
  return transaction(database.pg, async (db) => {
    for (const projection of projections) {
      await copySchema(db, projection.schema, nextOf(projection).schema);
      await db.query("insert into events.checkpoint (projection, generation, updated_at) values ($1, $2, now())", [
        projection.name,
        generations.next,
      ]);
    }
  });
}

async function dropTables({ database }: Filling, projections: readonly Projection[]): Promise<void> {
  await transaction(database.pg, async (db) => {
    for (const projection of projections) {
      await db.query(`drop schema "${nextOf(projection).schema}" cascade`);
      await forgetNext(db, [projection.name]);
    }
  });
}

/** Forgets checkpoint, waiting and parked events of what is beside. */
export async function forgetNext(db: Executor, projections: readonly string[]): Promise<void> {
  for (const table of ["checkpoint", "waiting", "parked"])
    await db.query(`delete from events.${table} where projection = any($1::text[]) and generation = $2`, [
      projections,
      generations.next,
    ]);
}

const events_per_piece = 50_000;

async function fillInBulk(context: Filling, projections: readonly InBulk[], hands: number, tell: Tell): Promise<void> {
  if (projections.length === 0) return;
  const next = projections.map(nextOf);
  const pieces = await spansUpTo(pgExecutor(context.database.pg), context.upto, events_per_piece);
  const work = async (): Promise<void> => {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
      const { events } = piece;
      const window = piece;
      await transaction(context.database.pg, (db) => insertFacts(db, next, window, context));
      for (const { name } of next) await tell("reading the log", name, events);
    }
  };
  await together(Array.from({ length: hands }, work));
  await together(projections.map((projection) => finish(context, projection, tell)));
}

async function finish(context: Filling, live: InBulk, tell: Tell): Promise<void> {
  const next = nextOf(live);
  const { pg } = context.database;
  await transaction(pg, (db) => insertChangedFacts(db, next, context));
  await tell(`keys of ${live.schema}`);
  await transaction(pg, (db) => addKeys(db, live.schema, next.schema));
  for (const table of Object.values(next.facts)) await pg.query(`analyze "${next.schema}"."${table}"`);
  await tell(`what follows in ${live.schema}`);
  await transaction(pg, async (db) => {
    await deriveAll(db, next, generations.next, context);
    await db.query("update events.checkpoint set seq = $3, updated_at = now() where projection = $1 and generation = $2", [
      live.name,
      generations.next,
      context.upto,
    ]);
  });
  await transaction(pg, (db) => addReferences(db, live.schema, next.schema));
  await analyzeTables(context, next);
}

async function analyzeTables({ database: { pg } }: Filling, { schema }: Projection): Promise<void> {
  const { rows } = await pg.query<{ name: string }>(
    "select quote_ident(schemaname) || '.' || quote_ident(tablename) as name from pg_tables where schemaname = $1",
    [schema],
  );
  for (const { name } of rows) await pg.query(`analyze ${name}`);
}

async function fillStepwise(context: Filling, live: Projection, tell: Tell): Promise<void> {
  const next = nextOf(live);
  await transaction(context.database.pg, async (db) => {
    await restoreOpening(db, live, { schema: next.schema, generation: generations.next });
    await addKeys(db, live.schema, next.schema);
    await addReferences(db, live.schema, next.schema);
  });
  await analyzeTables(context, next);
  for (;;) {
    const step = await projectOnce(next, { ...context, generation: generations.next, events_max: events_per_piece });
    if (step.batches === 0) return;
    await tell("step by step", live.name, step.events);
  }
}

// All are waited for, also when one fails: none may still write when the tables are dropped.
async function together(works: readonly Promise<void>[]): Promise<void> {
  const outcomes = await Promise.allSettled(works);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function isInBulk(projection: Projection): projection is InBulk {
  return projection.bulk !== undefined;
}

// Classes 22 (data exception) and 23 (integrity constraint): an event is at fault, and the bulk way cannot say which.
function isAboutData(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && /^2[23]/.test(code);
}
