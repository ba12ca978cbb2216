import { catchUp } from "@jukebase/domains/catch-up.ts";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { projectionBalance, sourceBalances } from "@jukebase/events";
import { generate } from "@jukebase/mock-data";
import { randomStream } from "@jukebase/mock-data/random.ts";
import { pgExecutor } from "@jukebase/platform";
import { type Invariant, invariant, projectionsOf } from "../faults/verify.ts";
import { generateOptions } from "../worlds.ts";
import { sendInProcess } from "./in-process.ts";
import { mutatorOf } from "./mutate.ts";
import { sendOverHttp } from "./over-http.ts";
import { sendStreams } from "./streams.ts";
import { newTally } from "./tally.ts";

/** How many inputs, from which seed; a twentieth of them (50,000 at most) goes over HTTP. */
export type HostileOptions = {
  readonly seed: number;
  readonly inputs: number;
  readonly giant_mb: number;
  readonly say: (line: string | undefined) => void;
  readonly stopped: () => boolean;
};

/** What was sent, what became of it, at which pace, and whether everything held. */
export type HostileResult = {
  readonly seed: number;
  readonly inputs: number;
  readonly logged: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly inputs_per_s: number;
  readonly held_p99_ms: number;
  readonly held_most_ms: number;
  readonly grown_mb: number;
  readonly memory_most_mb: number;
  readonly bytes_compared: number;
  readonly invariants: readonly Invariant[];
  readonly holds: boolean;
};

const held_limit_ms = 500;
const grown_limit_mb = 200;
const memory_limit_mb = 512;

/** Sends hostile inputs through the real path into an empty installation and holds its books against the sender's. */
export async function benchHostile(jukebase: Jukebase, options: HostileOptions): Promise<HostileResult> {
  const { seed, inputs, say } = options;
  const tally = newTally();
  const lines = await soundLines(seed);
  const began = performance.now();
  const measured = await sendInProcess(jukebase, {
    inputs,
    mutate: mutatorOf(lines, randomStream(seed, "hostile"), true),
    tally,
    onProgress: (done) => say(`${Math.min(done, inputs)} of ${inputs} inputs`),
    stopped: options.stopped,
  });
  const seconds = (performance.now() - began) / 1000;
  const inputs_per_s = Math.round(tally.sent / seconds);
  const memory_most_mb = Math.round(process.resourceUsage().maxRSS / 1024);
  const few = Math.min(50_000, Math.ceil(inputs / 20));
  say("Over HTTP");
  await sendOverHttp(jukebase, { inputs: few, mutate: mutatorOf(lines, randomStream(seed, "hostile/http"), false), tally });
  say("Whole files");
  const giant_bytes = options.giant_mb * 1024 * 1024;
  await sendStreams(jukebase, { giant_bytes, csvRows: few, random: randomStream(seed, "hostile/csv"), tally });
  say("Projecting and counting");
  const invariants = await check(jukebase, tally, measured, memory_most_mb);
  say(undefined);
  const { sent, wrong: _, ...counts } = tally;
  const { sampled: bytes_compared, ...times } = measured;
  return {
    seed,
    inputs: sent,
    ...counts,
    inputs_per_s,
    ...times,
    memory_most_mb,
    bytes_compared,
    invariants,
    holds: invariants.every(({ holds }) => holds),
  };
}

async function soundLines(seed: number): Promise<string[]> {
  const lines: string[] = [];
  const options = await generateOptions({ scenario: "jukebox", scale: "small", seed });
  for await (const line of generate({ ...options, conflicts: false }).events)
    if (!line.includes('"bad-') && /^\{"id":"/.test(line) && /:"?[\d"]/.test(line)) lines.push(line);
  return lines;
}

async function check(
  jukebase: Jukebase,
  tally: ReturnType<typeof newTally>,
  measured: Awaited<ReturnType<typeof sendInProcess>>,
  memory_most_mb: number,
): Promise<Invariant[]> {
  await catchUp(jukebase); // What is hostile and yet sound must not stop a projection either.
  const db = pgExecutor(jukebase.database.pg);
  const sources = (await sourceBalances(db)).filter(({ received }) => received > 0);
  const sum = (read: (source: (typeof sources)[number]) => number): number =>
    sources.reduce((total, one) => total + read(one), 0);
  const equations = [
    ["received", sum(({ received }) => received), tally.sent],
    ["logged", sum(({ logged }) => logged), tally.logged],
    ["duplicates", sum(({ duplicates }) => duplicates), tally.duplicates],
    ["in quarantine", sum(({ in_quarantine }) => in_quarantine), tally.quarantined],
    ["logged + duplicates + quarantined", tally.logged + tally.duplicates + tally.quarantined, tally.sent],
    ["lost", sum(({ lost }) => Math.abs(lost)), 0],
  ] as const;
  const projections = [];
  for (const projection of projectionsOf(jukebase)) projections.push(await projectionBalance(db, projection));
  const over = (is: number, limit: number, unit: string): string[] => (is > limit ? [`${is} ${unit}`] : []);
  return [
    invariant("every input has the answer that it should", tally.sent, tally.wrong),
    invariant(
      "law 1: the sender's count, the answers and the tables agree",
      equations.length,
      equations.filter(([, is, ought]) => is !== ought).map(([what, is, ought]) => `${what} is ${is}, and ought to be ${ought}`),
    ),
    invariant(
      "law 1 holds in each projection, and nothing is unread or parked",
      projections.length,
      projections
        .filter(({ lost, unread, parked }) => lost !== 0 || unread !== 0 || parked !== 0)
        .map(({ projection, lost, unread, parked }) => `${projection}: ${lost} lost, ${unread} unread, ${parked} parked`),
    ),
    invariant(
      `no input held the event loop longer than ${held_limit_ms} ms`,
      tally.sent,
      over(measured.held_most_ms, held_limit_ms, "ms"),
    ),
    invariant(
      `after the first tenth the memory grew by at most ${grown_limit_mb} MiB`,
      1,
      over(measured.grown_mb, grown_limit_mb, "MiB"),
    ),
    invariant(`this process had at most ${memory_limit_mb} MiB`, 1, over(memory_most_mb, memory_limit_mb, "MiB")),
  ];
}
