import type { Stretch } from "./load-record.ts";

/** Something read from an input: its bytes, and where it ends there. */
export type Placed = { readonly end: number; readonly bytes: Uint8Array; readonly length?: number };

/** What is written in one transaction. */
export type Chunk<T> = Stretch & { readonly items: readonly T[] };

/** The most that a chunk holds: items, and bytes of them, so that long lines do not fill the memory. */
export type ChunkLimits = { readonly items: number; readonly bytes: number };

/** Gathers what is read into chunks. When reading fails, what came before it is still given, then the failure. */
export async function* chunksOf<T extends Placed>(
  read: AsyncIterable<readonly T[]>,
  limits: ChunkLimits,
): AsyncGenerator<Chunk<T>> {
  let items: T[] = [];
  let bytes = 0;
  let from = 0;
  const cut = (): Chunk<T> => {
    const chunk = { items, from, to: Math.max(from, items.at(-1)?.end ?? from) };
    [items, bytes, from] = [[], 0, chunk.to];
    return chunk;
  };
  try {
    for await (const batch of read) {
      for (const item of batch) {
        items.push(item);
        bytes += item.length ?? item.bytes.length;
        if (items.length >= limits.items || bytes >= limits.bytes) yield cut();
      }
    }
  } catch (error) {
    if (items.length > 0) yield cut(); // What was read before the reader failed was received, and is not lost.
    throw error;
  }
  if (items.length > 0) yield cut();
}

/** Whether what ends at a place lies in one of the stretches, which are in order. */
export function liesIn(stretches: readonly Stretch[]): (end: number) => boolean {
  let at = 0;
  return (end) => {
    while (at < stretches.length && (stretches[at] as Stretch).to < end) at += 1;
    const stretch = stretches[at];
    return stretch !== undefined && stretch.from < end && end <= stretch.to;
  };
}
