import { type Scale, sizes } from "./jukebox/size.ts";
import { streamWorld } from "./jukebox/stream.ts";
import { makeWorld } from "./jukebox/world.ts";
import type { Scenario } from "./scenarios.ts";
import { computeTruth } from "./truth/compute-truth.ts";
import type { RewardRule } from "./truth/reward-rules.ts";
import type { Truth } from "./truth/truth.ts";

/** Which world to make. `conflicts` (default true) adds events with a used id and another body; leave them out where lines are shuffled. */
export type GenerateOptions = {
  readonly scenario: Scenario["name"];
  readonly scale: Scale;
  readonly seed: number;
  readonly rules: readonly RewardRule[];
  readonly conflicts?: boolean | undefined;
};

/** The lines of a world, once, and what is true of them. */
export type Generated = {
  /** NDJSON lines without newlines, in order of arrival. */
  readonly events: AsyncIterable<string>;
  /** The same lines in batches, for writers; take one of the two. */
  readonly batches: Iterable<readonly string[]>;
  /** The truth about all lines. Throws before the last of them was taken. */
  readonly truth: () => Truth;
};

/** Makes a world line by line, in memory that does not grow with the plays. Equal options give equal bytes. */
export function generate({ scenario, scale, seed, rules, conflicts = true }: GenerateOptions): Generated {
  const world = makeWorld(sizes[scale], seed);
  const stream = streamWorld(world, sizes[scale], seed, conflicts);
  let ended = false;
  const batches = (function* () {
    yield* stream.batches;
    ended = true;
  })();
  return {
    events: linesOf(batches),
    batches,
    truth: () => {
      if (!ended) throw new Error("The truth is known after the last line: read all events first.");
      return { scenario, seed, scale, counts: stream.counts(), ...computeTruth(world.facts, stream.tallies(), rules) };
    },
  };
}

async function* linesOf(batches: Iterable<readonly string[]>): AsyncGenerator<string> {
  for (const batch of batches) yield* batch;
}
