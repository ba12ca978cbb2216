import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Counts } from "./append.ts";
import type { Chunk } from "./load-chunks.ts";
import type { HelperAnswer, HelperChunk, HelperTask } from "./load-helper.ts";
import { pack } from "./load-pieces.ts";
import type { Piece } from "./sources/piece.ts";

/** Processes that judge and write the chunks of one load side by side. */
export type Crew = {
  /** Resolves with the counts once the chunk is committed. Rejects with what failed, also when the helper itself ended. */
  readonly write: (chunk: Chunk<Piece>, receivedAt: Date) => Promise<Counts>;
  readonly dismiss: () => Promise<void>;
};

type Hand = { readonly write: Crew["write"]; readonly end: () => Promise<void>; load: number };

/** Starts `count` processes of a module that calls `serveLoad`. */
export async function makeCrew(module: URL, count: number, task: HelperTask): Promise<Crew> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => startHand(module, task)));
  const hands = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const dismiss = async (): Promise<void> => void (await Promise.all(hands.map((hand) => hand.end())));
  const failed = started.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) {
    await dismiss();
    throw failed.reason;
  }
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
    dismiss,
  };
}

type Asked = { readonly resolve: (counts: Counts) => void; readonly reject: (failure: Error) => void };

/** A chunk's objects live as long as the chunk: with room for most of them, few are moved to where cleaning up is dear. */
const youngSpace_mb = 16;

async function startHand(module: URL, task: HelperTask): Promise<Hand> {
  const helper = fork(fileURLToPath(module), [], {
    serialization: "advanced",
    execArgv: [...process.execArgv, `--max-semi-space-size=${youngSpace_mb}`],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const asked: Asked[] = [];
  let ended: Error | undefined;
  const over = (failure: Error): void => {
    ended ??= failure;
    for (const { reject } of asked.splice(0)) reject(ended);
  };
  const gone = new Promise<void>((resolve) => {
    helper.once("exit", () => {
      over(new Error("A process that helped with the load ended before its work did."));
      resolve();
    });
  });
  helper.on("error", over);
  const send = (message: HelperTask | HelperChunk): void => {
    helper.send(message, (failure) => {
      if (failure) over(failure);
    });
  };
  send(task);
  await Promise.race([once(helper, "message"), gone]);
  if (ended) throw ended;
  // Answers come in the order of the questions: a helper has one connection and takes one chunk after the other.
  helper.on("message", (answer: HelperAnswer) => {
    if ("ready" in answer) return;
    const first = asked.shift();
    if ("counts" in answer) first?.resolve(answer.counts);
    else first?.reject(Object.assign(new Error(answer.failure.message), { code: answer.failure.code }));
  });
  const write: Crew["write"] = ({ items, from, to }, receivedAt) =>
    new Promise((resolve, reject) => {
      if (ended) return reject(ended);
      asked.push({ resolve, reject });
      send({ pieces: pack(items), receivedAt, from, to });
    });
  return { write, load: 0, end: () => endHelper(helper, gone) };
}

async function endHelper(helper: ChildProcess, gone: Promise<void>): Promise<void> {
  if (helper.connected) helper.disconnect();
  await gone;
}
