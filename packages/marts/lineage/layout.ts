import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { keeping } from "./kept.ts";
import { type Placed, type Placing, place } from "./place.ts";

/**
 * Places boxes and wires, once for each graph: what was placed is kept by the graph's hash. Large graphs are placed in a thread of their
 * own, so that whoever else this process serves need not wait.
 */
export function layoutOf(placing: Placing): Promise<Placed> {
  const hash = createHash("sha256").update(JSON.stringify(placing)).digest("base64url");
  return kept(hash, async () => (placing.boxes.length > besideFrom ? placeBeside(placing) : place(placing)));
}

const kept = keeping<Placed>(500);
const besideFrom = 80;

function placeBeside(placing: Placing): Promise<Placed> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./place-thread.ts", import.meta.url), { workerData: placing });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`The thread that places a graph ended with ${code} and without an answer.`)));
  });
}
