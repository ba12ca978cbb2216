import { type Clock, type Database, type EventContract, transaction } from "@jukebase/platform";
import { append, type Counts, type Verdict } from "./append.ts";
import { type Judged, judge } from "./judge.ts";
import type { Keys } from "./keys.ts";
import type { Source } from "./source.ts";
import type { Received } from "./sources/index.ts";
import { vanished } from "./vanished.ts";

/** What taking events in needs: the same for a file, a stream and a request. */
export type Intake = {
  readonly database: Database;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly keys: Keys;
  readonly clock: Clock;
};

/** One load: a file, a stream, or a request. */
export type LoadOptions = {
  readonly source: Source;
  /** What people call it: a file's name, "stdin". */
  readonly name: string;
  /** The type of bare bodies. */
  readonly type?: string | undefined;
  /** Events per transaction. */
  readonly chunk?: number;
  /** Observations only: the load is the whole state, so what it does not name has vanished. */
  readonly full?: boolean;
  readonly onProgress?: (progress: Progress) => void;
};

/** How far a load has come; `read_to` in bytes of the decompressed input. */
export type Progress = Counts & { readonly read_to: number };

/** What a load did. */
export type LoadSummary = Progress & { readonly loadId: string };

/**
 * Takes a stream of received items into the log, chunk by chunk, each in a transaction of its own: what a summary or an earlier
 * `onProgress` counted is committed. Throws what the reader throws (a truncated archive, say), after committing what came before it.
 */
export async function load(intake: Intake, received: AsyncIterable<Received>, options: LoadOptions): Promise<LoadSummary> {
  const loadId = await openLoad(intake, options);
  let total: Progress = { received: 0, logged: 0, duplicates: 0, quarantined: 0, read_to: 0 };
  let writing: Promise<void> = Promise.resolve();
  const write = async (chunk: JudgedChunk): Promise<void> => {
    total = add(total, await writeChunk(intake, options, loadId, chunk));
    options.onProgress?.(total);
  };
  try {
    for await (const chunk of chunks(received, options.chunk ?? 2000)) {
      const judged = judgeChunk(intake, options, chunk); // While Postgres writes the chunk before.
      await writing;
      writing = write(judged);
      writing.catch(() => {}); // Awaited, and so thrown, by the next round.
    }
    await writing;
    if (options.full) total = add(total, await vanished(intake, options.source, loadId));
    await closeLoad(intake, loadId, null);
  } catch (error) {
    await writing.catch(() => {}); // The error that ended the loop is the one to tell of.
    await closeLoad(intake, loadId, (error as Error).message);
    throw error;
  }
  return { ...total, loadId };
}

/** Takes one request's items in, all in one transaction; one verdict per item, in order. */
export async function take(
  intake: Intake,
  received: readonly Received[],
  options: { readonly source: Source; readonly scope?: string | undefined },
): Promise<Verdict[]> {
  const receivedAt = intake.clock.now();
  const bench = { contracts: intake.contracts, source: options.source, keys: intake.keys, receivedAt };
  const judged = received.map((item) => judge(item, bench));
  const verdicts = await transaction(intake.database.pg, (db) =>
    append(db, judged, { source: options.source, keys: intake.keys, receivedAt, scope: options.scope }),
  );
  await announce(intake);
  return verdicts;
}

/** Tells the workers that the log has grown. The checkpoint is the truth; this only spares them waiting. */
export async function announce({ database }: Pick<Intake, "database">): Promise<void> {
  await database.pg.query("notify jukebase_events");
}

async function openLoad({ database, clock }: Intake, { source, name }: LoadOptions): Promise<string> {
  const opened = await database.pg.query<{ load_id: string }>(
    "insert into events.load (source, name, started_at) values ($1, $2, $3) returning load_id",
    [source.source, name, clock.now().toISOString()],
  );
  return (opened.rows[0] as { load_id: string }).load_id;
}

type JudgedChunk = { readonly judged: readonly Judged[]; readonly receivedAt: Date; readonly read_to: number };

function judgeChunk(intake: Intake, options: LoadOptions, chunk: readonly Received[]): JudgedChunk {
  const receivedAt = intake.clock.now();
  const bench = { contracts: intake.contracts, source: options.source, keys: intake.keys, receivedAt, type: options.type };
  return { judged: chunk.map((item) => judge(item, bench)), receivedAt, read_to: chunk.at(-1)?.end ?? 0 };
}

async function writeChunk(intake: Intake, { source }: LoadOptions, loadId: string, chunk: JudgedChunk): Promise<Progress> {
  const { judged, receivedAt, read_to } = chunk;
  let progress: Progress = { received: 0, logged: 0, duplicates: 0, quarantined: 0, read_to };
  await transaction(intake.database.pg, async (db) => {
    const settle = async (counts: Counts): Promise<void> => {
      progress = { ...counts, read_to };
      await db.query(
        `update events.load
         set received = received + $2, logged = logged + $3, duplicates = duplicates + $4, quarantined = quarantined + $5, read_to = $6
         where load_id = $1`,
        [loadId, counts.received, counts.logged, counts.duplicates, counts.quarantined, read_to],
      );
    };
    await append(db, judged, { source, keys: intake.keys, receivedAt, loadId, settle });
  });
  await announce(intake);
  return progress;
}

async function closeLoad({ database, clock }: Intake, loadId: string, error: string | null): Promise<void> {
  await database.pg.query("update events.load set status = $2, error = $3, finished_at = $4 where load_id = $1", [
    loadId,
    error === null ? "done" : "failed",
    error,
    clock.now().toISOString(),
  ]);
  await database.pg.query("delete from events.occurrence where load_id = $1", [loadId]);
}

async function* chunks(items: AsyncIterable<Received>, size: number): AsyncGenerator<Received[]> {
  let chunk: Received[] = [];
  try {
    for await (const item of items) {
      chunk.push(item);
      if (chunk.length < size) continue;
      yield chunk;
      chunk = [];
    }
  } catch (error) {
    if (chunk.length > 0) yield chunk; // What was read before the reader failed was received, and is not lost.
    throw error;
  }
  if (chunk.length > 0) yield chunk;
}

function add(total: Progress, more: Counts & { readonly read_to?: number }): Progress {
  return {
    received: total.received + more.received,
    logged: total.logged + more.logged,
    duplicates: total.duplicates + more.duplicates,
    quarantined: total.quarantined + more.quarantined,
    read_to: more.read_to ?? total.read_to,
  };
}
