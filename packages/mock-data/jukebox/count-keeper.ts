import type { Facts } from "../truth/facts.ts";
import type { Counts } from "../truth/truth.ts";
import { waitingCounts } from "../truth/waiting.ts";

/** Counts of what has been written so far, as intake has to find it. */
export type CountKeeper = {
  readonly accepted: (type: string) => void;
  readonly duplicate: () => void;
  readonly quarantined: (kind: string) => void;
  /** All counts, with what will wait for ever among the given facts. */
  readonly counts: (facts: Facts) => Counts;
};

/** All zero. */
export function countKeeper(): CountKeeper {
  const byType = new Map<string, number>();
  const byKind = new Map<string, number>();
  let duplicates = 0;
  const increase = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  return {
    accepted: (type) => increase(byType, type),
    duplicate: () => {
      duplicates += 1;
    },
    quarantined: (kind) => increase(byKind, kind),
    counts: (facts) => {
      const accepted = sum(byType);
      return {
        lines: accepted + duplicates + sum(byKind),
        accepted,
        acceptedByType: sorted(byType),
        duplicates,
        quarantined: sorted(byKind),
        waiting: waitingCounts(facts),
      };
    },
  };
}

function sum(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((total, value) => total + value, 0);
}

function sorted(map: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...map].sort(([one], [other]) => (one < other ? -1 : 1)));
}
