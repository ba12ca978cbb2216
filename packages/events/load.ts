import { hash } from "node:crypto";
import { type Clock, type Database, type EventContract, type Executor, transaction } from "@jukebase/platform";
import { failureFields } from "@jukebase/platform/log.ts";
import { announceSoon } from "./announce.ts";
import { append, type Counts, type Verdict } from "./append.ts";
import { modesNow } from "./contract-modes.ts";
import { judge } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { type Chunk, type ChunkLimits, chunksOf, liesIn, type Placed } from "./load-chunks.ts";
import { type LoadRecord, openRecord } from "./load-record.ts";
import { itemWriter, pieceWriter, type Writer } from "./load-writers.ts";
import type { Source } from "./source.ts";
import type { ReadOptions, Received } from "./sources/index.ts";
import type { Piece } from "./sources/piece.ts";
import { readPieces, receiverOf, withCount } from "./sources/read.ts";
import { vanished } from "./vanished.ts";

/** What taking events in needs: the same for a file, a stream and a request. */
export type Intake = {
  readonly database: Database;
  readonly contracts: ReadonlyMap<string, EventContract>;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Processes that help with large loads: a module that calls `serveLoad`, and how many. Without them one process does it all. */
  readonly helpers?: { readonly module: URL; readonly count: number } | undefined;
};

/** One load: a file, a stream, or a request. */
export type LoadOptions = {
  readonly source: Source;
  /** What people call it: a file's name, "stdin". */
  readonly name: string;
  /** Tells the same file again: an attempt that broke off is then carried on where it was. Streams have none. */
  readonly fingerprint?: string | undefined;
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

/** What a load did, an earlier attempt's share included; `carried_on` is the byte from which this attempt went on. */
export type LoadSummary = Progress & { readonly loadId: string; readonly carried_on?: number };

/** What a load reads: received items, or bytes and how to read them. Only bytes can be judged by several processes. */
export type LoadInput = AsyncIterable<Received> | { readonly bytes: AsyncIterable<Uint8Array>; readonly read: ReadOptions };

/**
 * Takes an input into the log, chunk by chunk, each in a transaction of its own: what a summary or an earlier `onProgress` counted is
 * committed. A load of more than a few chunks is judged and written by several processes, where the intake has some. Throws what the
 * reader throws (a truncated archive, say), after committing what came before it; `Conflict` when another process loads the same file.
 */
export async function load(intake: Intake, input: LoadInput, options: LoadOptions): Promise<LoadSummary> {
  const record = await openRecord(intake, options);
  const { loadId, before } = record;
  try {
    let total = await ("bytes" in input ? loadBytes : loadItems)(intake, input as never, record, options);
    if (options.full) total = sum(total, { ...(await vanished(intake, options.source, loadId)), read_to: total.read_to });
    await record.close(undefined);
    return { ...total, loadId, ...(before && before.counts.received > 0 ? { carried_on: before.counts.read_to } : {}) };
  } catch (error) {
    await record.close(failureFields(error).error).catch(() => {}); // The error that ended the load is the one to tell of.
    throw error;
  }
}

/** What tells a load again: the file, and how it is read. Undefined for what is no file. */
export function loadFingerprint(file: string | undefined, how: object): string | undefined {
  return file && hash("sha256", `${file} ${JSON.stringify(how)}`, "hex");
}

/** What a request's items are taken in under. `settle` runs in their transaction, before it is committed; what it throws undoes all. */
export type TakeOptions = {
  readonly source: Source;
  readonly scope?: string | undefined;
  readonly settle?: ((db: Executor, verdicts: readonly Verdict[]) => Promise<void>) | undefined;
};

/** Takes one request's items in, all in one transaction; one verdict per item, in order. */
export async function take(
  intake: Intake,
  received: readonly Received[],
  { source, scope, settle }: TakeOptions,
): Promise<Verdict[]> {
  const { database, contracts, keys } = intake;
  const receivedAt = intake.clock.now();
  const bench = { contracts, source, keys, receivedAt, modes: await modesNow(intake) };
  const judged = received.map((item) => judge(item, bench));
  const verdicts = await transaction(database.pg, (db) =>
    append(db, judged, { source, keys, receivedAt, scope, settle: settle && ((_counts, found) => settle(db, found)) }),
  );
  announceSoon(intake);
  return verdicts;
}

type Bytes = Exclude<LoadInput, AsyncIterable<Received>>;

function loadItems(intake: Intake, items: AsyncIterable<Received>, record: LoadRecord, options: LoadOptions): Promise<Progress> {
  const writer = itemWriter(intake, options, record.loadId, (item: Received) => item);
  return writeAll(chunksOf(oneByOne(items), limitsOf(options, 2000)), writer, record, options);
}

function loadBytes(intake: Intake, { bytes, read }: Bytes, record: LoadRecord, options: LoadOptions): Promise<Progress> {
  const { leads, receive } = receiverOf(read);
  const lead: Piece[] = [];
  const isDone = liesIn(record.before?.done ?? []);
  let count = 0;
  const isNews = (piece: Piece): boolean => {
    if (leads(piece)) {
      const { line, end, tooLong } = piece;
      lead.push({ line, end, tooLong, bytes: piece.bytes.slice() });
      return false;
    }
    count += 1;
    return !isDone(piece.end);
  };
  const writer = pieceWriter(intake, options, record.loadId, { read, lead, receive });
  const pieces = readPieces(
    withCount(bytes, () => count),
    read,
  );
  return writeAll(chunksOf(filtered(pieces, isNews), limitsOf(options, 10_000)), writer, record, options);
}

// Several chunks are under way at a time. The first failure ends the load, once what is under way has come to its end.
async function writeAll<T extends Placed>(
  chunks: AsyncIterable<Chunk<T>>,
  writer: Writer<T>,
  { before }: LoadRecord,
  { onProgress }: LoadOptions,
): Promise<Progress> {
  let total: Progress = before?.counts ?? { received: 0, logged: 0, duplicates: 0, quarantined: 0, read_to: 0 };
  const under_way = new Set<Promise<void>>();
  const begin = (chunk: Chunk<T>): void => {
    const done = writer.write(chunk).then((counts) => {
      total = sum(total, { ...counts, read_to: Math.max(total.read_to, chunk.to) });
      onProgress?.(total);
    });
    under_way.add(done);
    done.then(
      () => under_way.delete(done),
      () => {}, // It stays there, and is thrown by the next round.
    );
  };
  try {
    for await (const chunk of chunks) {
      begin(chunk);
      if (under_way.size >= writer.atOnce) await Promise.race(under_way);
    }
    await Promise.all(under_way);
    return total;
  } finally {
    await Promise.allSettled(under_way);
    await writer.dismiss();
  }
}

const chunkBytes = 8 * 1024 * 1024;

function limitsOf({ chunk }: LoadOptions, items: number): ChunkLimits {
  return { items: chunk ?? items, bytes: chunkBytes };
}

async function* oneByOne<T>(items: AsyncIterable<T>): AsyncGenerator<T[]> {
  for await (const item of items) yield [item];
}

async function* filtered<T>(batches: AsyncIterable<T[]>, wanted: (item: T) => boolean): AsyncGenerator<T[]> {
  for await (const batch of batches) yield batch.filter(wanted);
}

function sum(total: Progress, more: Progress): Progress {
  return {
    received: total.received + more.received,
    logged: total.logged + more.logged,
    duplicates: total.duplicates + more.duplicates,
    quarantined: total.quarantined + more.quarantined,
    read_to: more.read_to,
  };
}
