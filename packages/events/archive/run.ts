import { rm } from "node:fs/promises";
import { type Clock, type Database, type Executor, pgExecutor, transaction } from "@jukebase/platform";
import { audit } from "@jukebase/platform/audit.ts";
import { detachLeft } from "./attach.ts";
import { verifyArchive, type Written, writeArchive } from "./file.ts";
import { type Line, readLines } from "./lines.ts";
import { archives } from "./list.ts";
import { aloneWithArchives } from "./lock.ts";
import { type Partition, partitionsBefore } from "./partitions.ts";
import { archivePolicy, monthOfPolicy, requirePastMonth } from "./policy.ts";
import { dropWithRoots } from "./roots.ts";
import { withShortLocks } from "./short-locks.ts";

/** What archiving needs: the folder is where the files stand. */
export type ArchiveContext = { readonly database: Pick<Database, "pg">; readonly clock: Clock; readonly archive: string };

/** What may be said of a run: the month before which to archive instead of the policy's, and only to say what would be done. */
export type ArchiveOptions = {
  readonly before?: string | undefined;
  readonly dryRun?: boolean;
  readonly actor: string;
  readonly onProgress?: (partition: string, rows: number, of: number) => void;
  readonly interrupted?: () => boolean;
};

/** A partition that left the log (or would), or did not, and why. */
export type ArchiveOutcome = {
  readonly partition: string;
  readonly rows: number;
  readonly file: string | null;
  readonly bytes: number | null;
  readonly left: string | undefined;
};

/**
 * Archives every partition that is wholly older than the policy (or `before`): written to a file, read back and compared, and only then
 * taken out of the log, in one transaction with the row that says so. A run that dies before that leaves the log as it was, and the next
 * one writes the file again. First finishes what a run, a rebuild or a purge left behind.
 */
export function runArchive(context: ArchiveContext, options: ArchiveOptions): Promise<ArchiveOutcome[]> {
  return aloneWithArchives(context.database, async () => {
    const db = pgExecutor(context.database.pg);
    const now = context.clock.now();
    const month =
      options.before === undefined ? monthOfPolicy(await archivePolicy(db), now) : requirePastMonth(options.before, now);
    if (!options.dryRun) await finishOthers(context);
    if (month === undefined) return [];
    const outcomes: ArchiveOutcome[] = [];
    for (const partition of await partitionsBefore(db, month)) {
      if (options.interrupted?.()) break;
      outcomes.push(await archiveOne(context, partition, options));
    }
    return outcomes;
  });
}

// With the lock held nobody is at work: archives that stand in the log again are a dead rebuild's, files of purged ones a dead purge's.
async function finishOthers({ database, archive }: ArchiveContext): Promise<void> {
  await detachLeft(database);
  for (const { purged_at, file } of await archives(pgExecutor(database.pg)))
    if (purged_at !== null) await rm(`${archive}/${file}`, { force: true });
}

type Figures = { rows: number; first_seq: number; last_seq: number };

async function archiveOne(context: ArchiveContext, partition: Partition, options: ArchiveOptions): Promise<ArchiveOutcome> {
  const db = pgExecutor(context.database.pg);
  const figures = await figuresOf(db, partition);
  const outcome = { partition: partition.partition, rows: figures.rows, file: null, bytes: null, left: undefined };
  const left = await reasonToStay(db, figures);
  if (left !== undefined || options.dryRun) return { ...outcome, left };
  const file = `${partition.partition}.ndjson.zst`;
  if (figures.rows === 0) {
    await dropEmpty(context, partition);
    return outcome;
  }
  const tell = (rows: number): void => options.onProgress?.(partition.partition, rows, figures.rows);
  const written = await writeArchive(context.archive, file, chunksOf(db, partition.partition), tell);
  await verifyArchive(context.archive, file, written);
  await takeOut(context, partition, { ...figures, file, written, actor: options.actor });
  return { ...outcome, file, bytes: written.bytes };
}

async function figuresOf(db: Executor, { partition }: Partition): Promise<Figures> {
  const [row] = await db.query<Figures>(
    `select count(*) as rows, coalesce(min(seq), 0) as first_seq, coalesce(max(seq), 0) as last_seq
     from events."${partition}" as log
     join events.batch on batch.batch_id = log.batch_id`,
  );
  return row as Figures;
}

// Live projections read an event once, and find it in the log; a rebuild reads all of them.
async function reasonToStay(db: Executor, { last_seq }: Figures): Promise<string | undefined> {
  const readers = await db.query<{ projection: string; generation: number; seq: number }>(
    "select projection, generation, seq from events.checkpoint where generation >= 1 order by generation desc, seq",
  );
  const rebuilding = readers.find(({ generation }) => generation > 1);
  if (rebuilding) return `a rebuild of ${rebuilding.projection} is running, or left its tables: jukebase rebuild says more`;
  const behind = readers.find(({ seq }) => seq < last_seq);
  if (behind)
    return `the projection ${behind.projection} has read up to ${behind.seq}, and this partition goes up to ${last_seq}`;
  return undefined;
}

async function* chunksOf(db: Executor, partition: string): AsyncGenerator<string[]> {
  for (let last: Line | undefined; ; ) {
    const lines = await readLines(db, partition, last, lines_max);
    if (lines.length === 0) return;
    yield lines.map(({ line }) => line);
    last = lines.at(-1);
  }
}

const lines_max = 500;

type Taking = Figures & { readonly file: string; readonly written: Written; readonly actor: string };

// The share lock keeps late rows out (nobody writes into a month that is over); the count says that none came before it.
async function takeOut({ database, clock }: ArchiveContext, partition: Partition, taking: Taking): Promise<void> {
  const at = clock.now();
  const name = `events."${partition.partition}"`;
  await transaction(database.pg, async (db) => {
    await db.query(`lock table ${name} in share mode`);
    const [counted] = await db.query<{ rows: number }>(`select count(*) as rows from ${name}`);
    if (counted?.rows !== taking.written.rows)
      throw new Error(
        `The partition ${partition.partition} changed while it was archived. Its rows stay in the log; run it again.`,
      );
    const { written, file, actor } = taking;
    const after = { rows: written.rows, file, sha256: written.sha256 };
    await audit(db, { actor, action: "archive.run", object: partition.partition, after }, at);
    await noteArchive(db, partition, taking, at);
    await dropWithRoots(db, partition.partition);
  });
}

async function noteArchive(db: Executor, { partition, from, to }: Partition, taking: Taking, at: Date): Promise<void> {
  const { first_seq, last_seq, file, written } = taking;
  await db.query(
    `insert into events.archive (partition, from_log_id, to_log_id, first_seq, last_seq, rows, file, sha256, bytes, archived_at)
     values ($1, $2::uuid, $3::uuid, $4::bigint, $5::bigint, $6::bigint, $7, $8, $9::bigint, $10::timestamptz)`,
    [partition, from, to, first_seq, last_seq, written.rows, file, written.sha256, written.bytes, at.toISOString()],
  );
  await db.query(
    `insert into events.archive_count (partition, source, type, changes, rows)
     select $1, source, type, amends is not null or retracts is not null, count(*)
     from events."${partition}"
     group by 2, 3, 4`,
    [partition],
  );
  await db.query(
    `insert into events.archive_frame (partition, first_log_id, at, bytes, rows)
     select $1, first_log_id, at, bytes, rows
     from jsonb_to_recordset($2::jsonb) as frame(first_log_id uuid, at bigint, bytes integer, rows integer)`,
    [partition, JSON.stringify(written.frames)],
  );
}

async function dropEmpty({ database }: ArchiveContext, { partition }: Partition): Promise<void> {
  await transaction(database.pg, async (db) => {
    await db.query(`lock table events."${partition}" in share mode`);
    const [row] = await db.query(`select 1 as found from events."${partition}" limit 1`);
    if (row) throw new Error(`The partition ${partition} changed while it was archived. Its rows stay in the log; run it again.`);
    await withShortLocks(db, async () => {
      await db.query(`alter table events.log detach partition events."${partition}"`);
      await db.query(`drop table events."${partition}"`);
    });
  });
}
