import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Counts } from "./append.ts";
import type { Chunk } from "./load-chunks.ts";
import { pack, transferred } from "./load-pieces.ts";
import type { ThreadChunk, ThreadTask } from "./load-thread.ts";
import type { Piece } from "./sources/piece.ts";

/** Threads that judge and write the chunks of one load side by side. */
export type Crew = {
  /** Resolves with the counts once the chunk is committed. Rejects with what failed, also when the thread itself ended. */
  readonly write: (chunk: Chunk<Piece>, receivedAt: Date) => Promise<Counts>;
  readonly dismiss: () => Promise<void>;
};

type Hand = { readonly write: Crew["write"]; readonly end: () => Promise<void>; load: number };

/** Starts `count` threads of a module that calls `serveLoad`. */
export async function makeCrew(module: URL, count: number, task: ThreadTask): Promise<Crew> {
  const hands = await Promise.all(Array.from({ length: count }, () => startHand(module, task)));
  return {
    write: async (chunk, receivedAt) => {
      const hand = hands.toSorted((a, b) => a.load - b.load)[0] as Hand;
      hand.load += 1;
      try {
        return await hand.write(chunk, receivedAt);
      } finally {
        hand.load -= 1;
      }
    },
    dismiss: async () => {
      await Promise.all(hands.map((hand) => hand.end()));
    },
  };
}

type Answer = { readonly counts: Counts } | { readonly failure: { readonly message: string; readonly code?: string } };
type Asked = { readonly resolve: (counts: Counts) => void; readonly reject: (failure: Error) => void };

/** A chunk's objects live as long as the chunk: with room for all of them, none is moved to where cleaning up is dear. */
const young_mb = 48;

async function startHand(module: URL, task: ThreadTask): Promise<Hand> {
  const thread = new Worker(module, {
    workerData: task,
    name: "jukebase load",
    resourceLimits: { maxYoungGenerationSizeMb: young_mb },
  });
  const asked: Asked[] = [];
  let ended: Error | undefined;
  const over = (failure: Error): void => {
    ended ??= failure;
    for (const { reject } of asked.splice(0)) reject(ended);
  };
  await Promise.race([
    once(thread, "message"),
    once(thread, "exit").then(() => Promise.reject(new Error("A thread of the load ended before it began."))),
  ]);
  thread.on("error", over);
  thread.on("exit", () => over(new Error("A thread of the load ended before its work did.")));
  // Answers come in the order of the questions: a thread has one connection and takes one chunk after the other.
  thread.on("message", (answer: Answer) => {
    const first = asked.shift();
    if ("counts" in answer) first?.resolve(answer.counts);
    else first?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
  });
  const write: Crew["write"] = ({ items, from, to }, receivedAt) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      asked.push({ resolve, reject });
      const pieces = pack(items);
      const message: ThreadChunk = { pieces, receivedAt, from, to };
      thread.postMessage(message, transferred(pieces));
    });
  return { write, load: 0, end: async () => void (await thread.terminate()) };
}
