import { parentPort, workerData } from "node:worker_threads";
import { connect, type EventContract } from "@jukebase/platform";
import type { Counts } from "./append.ts";
import { modesNow } from "./contract-modes.ts";
import { type Judged, judge } from "./judge.ts";
import type { Keys } from "./keys.ts";
import { type PackedPieces, unpack } from "./load-pieces.ts";
import type { Stretch } from "./load-record.ts";
import { writeChunk } from "./load-write.ts";
import type { Source } from "./source.ts";
import type { ReadOptions } from "./sources/index.ts";
import { receiverOf } from "./sources/read.ts";

/** What a thread is told when it is started. */
export type ThreadTask = {
  readonly url: string;
  readonly keys: Keys;
  readonly source: Source;
  readonly loadId: string;
  readonly type: string | undefined;
  readonly read: ReadOptions;
  /** What stood before the first event: a heading. */
  readonly lead: PackedPieces;
};

/** A chunk on its way to a thread. */
export type ThreadChunk = Stretch & { readonly pieces: PackedPieces; readonly receivedAt: Date };

/**
 * The whole of a thread that helps with a load: judges chunks and writes them over a connection of its own, one after the other. A module
 * that knows the installation's contracts calls this when it is started as a thread. Answers each chunk with its counts or what failed.
 */
export async function serveLoad(contracts: ReadonlyMap<string, EventContract>): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("This module only runs as a thread of a load.");
  const task = workerData as ThreadTask;
  const keys = revived(task.keys);
  const database = await connect(task.url, { max: 1, name: "jukebase load" });
  const { leads, receive } = receiverOf(task.read);
  unpack(task.lead).forEach(leads);
  const { source, loadId, type } = task;
  const work = async ({ pieces, receivedAt, from, to }: ThreadChunk): Promise<Counts> => {
    const modes = await modesNow({ database, clock: { now: () => receivedAt } });
    const bench = { contracts, source, keys, receivedAt, type, modes };
    const judged: Judged[] = [];
    for (const piece of unpack(pieces)) {
      const received = receive(piece);
      if (received) judged.push(judge(received, bench));
    }
    return writeChunk({ database, keys, source, loadId }, judged, receivedAt, { from, to });
  };
  // One after the other: judging would keep the transaction before it waiting, and with it all who wait for its locks.
  let turn: Promise<void> = Promise.resolve();
  port.on("message", (chunk: ThreadChunk) => {
    turn = turn
      .then(() => work(chunk))
      .then(
        (counts) => port.postMessage({ counts }),
        ({ message, code }: Error & { code?: string }) => port.postMessage({ failure: { message, code } }),
      );
  });
  port.postMessage({ ready: true });
}

// A Buffer arrives in a thread as the plain bytes that it is.
function revived<T>(value: T): T {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength) as T;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revived) as T;
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, revived(member)])) as T;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revived(member)])) as T;
}
