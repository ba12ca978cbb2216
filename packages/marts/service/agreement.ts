import type { Built } from "../registry.ts";

/**
 * Projection → the refresh in whose snapshot its tables were read for a mart. Two marts that name the same refresh for a projection are
 * functions of the same rows of it; a position alone would not say so, since an event that was parked changes tables behind it.
 */
export type ReadIn = Readonly<Record<string, string>>;

/** What a mart that reads all of these is read in; undefined when two of them read a projection in different snapshots. */
export function agreed(sources: readonly (ReadIn | undefined)[]): ReadIn | undefined {
  const together: Record<string, string> = {};
  for (const source of sources) {
    if (source === undefined) return undefined;
    for (const [projection, run] of Object.entries(source)) {
      if ((together[projection] ?? run) !== run) return undefined;
      together[projection] = run;
    }
  }
  return together;
}

/** What a kept mart was read in, as the registry says; what it does not say agrees with nothing. */
export function readInOf({ name, positions, read_in }: Pick<Built, "name" | "positions" | "read_in">): ReadIn {
  return Object.fromEntries(Object.keys(positions).map((projection) => [projection, read_in[projection] ?? `before ${name}`]));
}

/** Tables read in the present snapshot. */
export function readNow(projections: readonly string[], run: string): ReadIn {
  return Object.fromEntries(projections.map((projection) => [projection, run]));
}
