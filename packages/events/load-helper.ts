import { once } from "node:events";
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

/** What a helper is told first. */
export type HelperTask = {
  readonly url: string;
  readonly keys: Keys;
  readonly source: Source;
  readonly loadId: string;
  readonly type: string | undefined;
  readonly read: ReadOptions;
  /** What stood before the first event: a heading. */
  readonly lead: PackedPieces;
};

/** A chunk on its way to a helper. */
export type HelperChunk = Stretch & { readonly pieces: PackedPieces; readonly receivedAt: Date };

/** What a helper answers: once that it is ready, then to each chunk, in their order, its counts or what failed. */
export type HelperAnswer =
  | { readonly ready: true }
  | { readonly counts: Counts }
  | { readonly failure: { readonly message: string; readonly code?: string | undefined } };

/**
 * The whole of a process that helps with a load: judges chunks and writes them over a connection of its own, one after the other. A module
 * that knows the installation's contracts calls this when it is started by `makeCrew`. It ends when whoever started it does.
 */
export async function serveLoad(contracts: ReadonlyMap<string, EventContract>): Promise<void> {
  if (process.send === undefined) throw new Error("This module only runs as a helper of a load.");
  const answer = (said: HelperAnswer): void => void process.send?.(said);
  process.on("disconnect", () => process.exit());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => {}); // Who loads decides when to stop.
  const [task] = (await once(process, "message")) as [HelperTask];
  const keys = revived(task.keys);
  const database = await connect(task.url, { max: 1, name: "jukebase load" });
  const { leads, receive } = receiverOf(task.read);
  unpack(task.lead).forEach(leads);
  const { source, loadId, type } = task;
  const work = async ({ pieces, receivedAt, from, to }: HelperChunk): Promise<Counts> => {
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
  process.on("message", (chunk: HelperChunk) => {
    turn = turn
      .then(() => work(chunk))
      .then(
        (counts) => answer({ counts }),
        ({ message, code }: Error & { code?: string }) => answer({ failure: { message, code } }),
      );
  });
  answer({ ready: true });
}

// A Buffer arrives as the plain bytes that it is.
function revived<T>(value: T): T {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength) as T;
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(revived) as T;
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, revived(member)])) as T;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, revived(member)])) as T;
}
