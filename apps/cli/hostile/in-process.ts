import { hash } from "node:crypto";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { declareSource, judge, type Received, readReceived, type Source, take } from "@jukebase/events";
import { dayKeys, opened } from "@jukebase/events/quarantine-bytes.ts";
import { pgExecutor } from "@jukebase/platform";
import { segmentsOf } from "./count.ts";
import type { Mutator } from "./mutate.ts";
import { countOutcomes, type HostileTally } from "./tally.ts";

/** How long the event loop was held by single inputs, and how the memory grew after the first tenth. */
export type Measured = {
  readonly held_p99_ms: number;
  readonly held_most_ms: number;
  readonly grown_mb: number;
  readonly sampled: number;
};

const chunkSize = 1_000;
const warmUp = 0.1;
const sampled_every = 97;
const sampled_most = 2_000;

/** Sends so many hostile inputs through reader, judge and log, chunk by chunk as a load does, and looks at each answer. */
export async function sendInProcess(
  jukebase: Jukebase,
  options: {
    readonly inputs: number;
    readonly mutate: Mutator;
    readonly tally: HostileTally;
    readonly onProgress: (done: number) => void;
    readonly stopped: () => boolean;
  },
): Promise<Measured> {
  const { inputs, mutate, tally } = options;
  const source = await declareSource(pgExecutor(jukebase.database.pg), "hostile");
  const held = new Float32Array(inputs * 2);
  const samples: Sample[] = [];
  let [seen, warm_mb] = [0, 0];
  for (let done = 0; done < inputs && !options.stopped(); done += chunkSize) {
    const chunk = chunkOf(mutate, done, Math.min(chunkSize, inputs - done));
    const segments = segmentsOf(chunk);
    const received = await readTimed(chunk, (ms) => {
      held[seen] = ms;
      seen = Math.min(seen + 1, held.length - 1);
    });
    judgeTimed(jukebase, source, received, held, seen - received.length);
    tally.sent += segments.length;
    if (received.length !== segments.length) tally.wrong.push(`${segments.length} lines were sent, and ${received.length} read`);
    const verdicts = await take(jukebase, received, { source });
    if (verdicts.length !== received.length) tally.wrong.push(`${received.length} items have ${verdicts.length} answers`);
    countOutcomes(
      tally,
      verdicts.map(({ outcome }) => outcome),
    );
    verdicts.forEach((verdict, place) => {
      if (verdict.outcome !== "quarantined" || samples.length >= sampled_most || (done + place) % sampled_every !== 0) return;
      samples.push(sampleOf(verdict.quarantine, segments[place] as Buffer));
    });
    if (warm_mb === 0 && done >= inputs * warmUp) warm_mb = memory_mb();
    options.onProgress(done + chunkSize);
  }
  const grown_mb = warm_mb === 0 ? 0 : memory_mb() - warm_mb;
  await compareSamples(jukebase, samples, tally);
  const times = held.subarray(0, seen).sort();
  return {
    held_p99_ms: Number((times[Math.floor(seen * 0.99)] ?? 0).toFixed(3)),
    held_most_ms: Number((times[seen - 1] ?? 0).toFixed(1)),
    grown_mb: Math.round(grown_mb),
    sampled: samples.length,
  };
}

/** What was sent, by its hash: thousands of inputs, some of them megabytes long, would count as memory of what is measured. */
type Sample = { readonly id: string; readonly whole: string; readonly beginning: string | undefined };

// The first 64 KiB are kept of what is too long to be an event.
const kept_bytes = 64 * 1024;
const longest_bytes = 1024 * 1024;

function sampleOf(id: string, bytes: Buffer): Sample {
  const beginning = bytes.length > longest_bytes ? hash("sha256", bytes.subarray(0, kept_bytes)) : undefined;
  return { id, whole: hash("sha256", bytes), beginning };
}

function chunkOf(mutate: Mutator, from: number, many: number): Buffer {
  const parts: Buffer[] = [];
  for (let n = from; n < from + many; n += 1) parts.push(mutate(n), newline);
  return Buffer.concat(parts);
}

const newline = Buffer.from("\n");

async function readTimed(chunk: Buffer, onItem: (ms: number) => void): Promise<Received[]> {
  const received: Received[] = [];
  let began = performance.now();
  for await (const item of readReceived(once(chunk), { format: "ndjson" })) {
    const now = performance.now();
    onItem(now - began);
    began = now;
    received.push(item);
  }
  return received;
}

// Judged a second time by `take`: what one input costs can only be seen alone.
function judgeTimed(jukebase: Jukebase, source: Source, received: readonly Received[], held: Float32Array, from: number): void {
  const bench = { contracts: jukebase.contracts, source, keys: jukebase.keys, receivedAt: jukebase.clock.now() };
  received.forEach((item, place) => {
    const began = performance.now();
    judge(item, bench);
    held[from + place] = (held[from + place] ?? 0) + performance.now() - began;
  });
}

/** What lies in quarantine, unsealed, is what was sent, byte for byte. */
async function compareSamples({ database, keys }: Jukebase, samples: readonly Sample[], tally: HostileTally): Promise<void> {
  const db = pgExecutor(database.pg);
  for (const { id, whole, beginning } of samples) {
    const [row] = await db.query<{ bytes: Buffer; day: string }>(
      "select bytes, bytes_day::text as day from events.quarantine where quarantine_id = $1",
      [id],
    );
    const kept = row && (await opened(dayKeys(db, keys), row.bytes, row.day));
    const found = kept && hash("sha256", kept);
    if (found === undefined || (found !== whole && found !== beginning))
      tally.wrong.push(`the bytes of ${id} in quarantine are not those that were sent`);
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function memory_mb(): number {
  return process.memoryUsage.rss() / 1024 / 1024;
}
