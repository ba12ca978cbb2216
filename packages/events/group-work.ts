import { type Executor, Invalid, NotFound, pgExecutor } from "@jukebase/platform";
import { z } from "zod";
import type { Doer } from "./doer.ts";
import type { Intake } from "./load.ts";
import { mendGroup } from "./mend-group.ts";
import { parseProgram } from "./mending/parse.ts";
import { dayKeys, opened } from "./quarantine-bytes.ts";
import type { QuarantineChoice } from "./quarantine-choice.ts";
import { countChosen } from "./quarantine-chunks.ts";
import { replay } from "./replay.ts";
import { dayKey, seal } from "./vault.ts";

/** The queue of groups that wait for a worker to replay or mend them. */
export const groupWorkQueue = "events.replay";

/** A job of that queue: which work, on what, for whom. */
export const groupWorkJob = z.object({
  work: z.uuid().describe("Its row in events.group_work, where its progress stands."),
  choice: z.record(z.string(), z.string()).describe("Which items, as the console's filters name them."),
  actor: z.string().describe("Who asked for it."),
});

/** What such a job says. */
export type GroupWorkJob = z.infer<typeof groupWorkJob>;

/** Work on a group that was handed to the worker, and how far it has come. */
export type GroupWork = {
  readonly group_work_id: string;
  readonly kind: "replay" | "mend";
  readonly choice: QuarantineChoice;
  readonly actor: string;
  readonly items: number;
  readonly done: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly asked_at: string;
  readonly finished_at: string | null;
  readonly error: string | null;
};

/** Writes down work on a group and gives the job to be sent; an expression is kept sealed. Throws `Invalid` for one that cannot be read. */
export async function openGroupWork(
  { database, keys, clock }: Intake,
  choice: QuarantineChoice,
  by: Doer,
  expression?: string,
): Promise<GroupWorkJob> {
  if (expression !== undefined) parseProgram(expression);
  const db = pgExecutor(database.pg);
  const now = clock.now();
  const day = now.toISOString().slice(0, 10);
  const sealed = expression === undefined ? null : seal((await dayKey(db, keys, day, true)) as Buffer, Buffer.from(expression));
  const [row] = await db.query<{ group_work_id: string }>(
    `insert into events.group_work (kind, choice, expression, expression_day, actor, why, items, asked_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     returning group_work_id`,
    [
      expression === undefined ? "replay" : "mend",
      JSON.stringify(choice),
      sealed,
      sealed === null ? null : day,
      by.actor,
      by.why ?? null,
      await countChosen(db, choice),
      now.toISOString(),
    ],
  );
  const said = Object.entries(choice).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { work: (row as { group_work_id: string }).group_work_id, choice: Object.fromEntries(said), actor: by.actor };
}

/** The newest work on groups first. */
export function listGroupWork(db: Executor, limit = 5): Promise<GroupWork[]> {
  return db.query<GroupWork>(
    `select group_work_id, kind, choice, actor, items, done, counts, asked_at, finished_at, error
     from events.group_work
     order by group_work_id desc
     limit $1`,
    [limit],
  );
}

/**
 * Does such a job. Its progress is written in the transactions that make it, so it is never ahead of what stands; another attempt goes on
 * where one was interrupted, and doing it again changes nothing.
 */
export async function doGroupWork(
  intake: Intake,
  payload: unknown,
  interrupted: () => boolean,
): Promise<Readonly<Record<string, number>>> {
  const { work: id } = groupWorkJob.parse(payload);
  const db = pgExecutor(intake.database.pg);
  const work = await find(db, id);
  if (work.finished_at !== null) return work.counts;
  await begin(db, work, await countChosen(db, work.choice));
  const by: Doer = { actor: work.actor, why: work.why ?? undefined };
  const alongside = (step: Executor, { taken, ...counts }: object & { taken: number }): Promise<void> =>
    advance(step, id, taken, counts);
  try {
    if (work.kind === "replay") await replay(intake, work.choice, by, { interrupted, alongside });
    else await mendGroup(intake, work.choice, await expressionOf(db, intake, work), by, { interrupted, alongside });
  } catch (error) {
    if (error instanceof Invalid) await finish(db, id, intake.clock.now(), error.message);
    throw error;
  }
  await finish(db, id, intake.clock.now(), null);
  return (await find(db, id)).counts;
}

/** Says that work will not be done after all. */
export function giveUpGroupWork({ database, clock }: Intake, { work }: GroupWorkJob, error: string): Promise<void> {
  return finish(pgExecutor(database.pg), work, clock.now(), error);
}

type Row = GroupWork & {
  readonly why: string | null;
  readonly expression: Buffer | null;
  readonly expression_day: string | null;
};

async function find(db: Executor, id: string): Promise<Row> {
  const [row] = await db.query<Row>(
    `select
       group_work_id, kind, choice, actor, why, items, done, counts, asked_at, finished_at, error, expression,
       expression_day::text as expression_day
     from events.group_work
     where group_work_id = $1`,
    [id],
  );
  if (row === undefined) throw new NotFound(`There is no work on a group with the id ${id}.`);
  return row;
}

async function expressionOf(db: Executor, { keys }: Intake, { expression, expression_day }: Row): Promise<string> {
  const text = await opened(dayKeys(db, keys), expression, expression_day);
  if (text === undefined) throw new Invalid("The expression can no longer be read: the key of its day has expired.");
  return text.toString();
}

// An earlier attempt's moved items stay counted; what it left or mended is taken once more.
async function begin(db: Executor, { group_work_id, kind, counts }: Row, open: number): Promise<void> {
  const { logged = 0, duplicates = 0 } = counts;
  const kept = kind === "replay" ? { logged, duplicates } : {};
  const done = kind === "replay" ? logged + duplicates : 0;
  await db.query("update events.group_work set items = $2, done = $3, counts = $4 where group_work_id = $1", [
    group_work_id,
    done + open,
    done,
    JSON.stringify(kept),
  ]);
}

async function advance(db: Executor, id: string, taken: number, counts: object): Promise<void> {
  const whole = Object.fromEntries(Object.entries(counts).filter(([, value]) => typeof value === "number"));
  await db.query(
    `update events.group_work
     set
       done = done + $2,
       counts = counts || (
         select jsonb_object_agg(key, coalesce((counts ->> key)::int, 0) + value::int)
         from jsonb_each_text($3::jsonb)
       )
     where group_work_id = $1`,
    [id, taken, JSON.stringify(whole)],
  );
}

async function finish(db: Executor, id: string, at: Date, error: string | null): Promise<void> {
  await db.query("update events.group_work set finished_at = $2, error = $3 where group_work_id = $1", [
    id,
    at.toISOString(),
    error,
  ]);
}
