import { parentPort, workerData } from "node:worker_threads";
import { type Placing, place } from "./place.ts";

// The whole of the thread that layout.ts starts: one graph in, its places out.
parentPort?.postMessage(place(workerData as Placing));
