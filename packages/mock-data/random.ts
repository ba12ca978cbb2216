/** A stream of pseudo-random draws; two streams with the same seed and name are equal draw by draw. */
export type Random = {
  /** A draw in [0, 1). */
  readonly next: () => number;
  /** An integer from `min` to `max`, both included. */
  readonly int: (min: number, max: number) => number;
  /** True with the given probability. */
  readonly chance: (probability: number) => boolean;
  /** One of the items, each as likely as the others. */
  readonly pick: <Item>(items: readonly Item[]) => Item;
};

/** The stream `name` of a seed: adding a stream never moves another one, so worlds stay stable as the generator grows. */
export function randomStream(seed: number, name: string): Random {
  const next = sfc32(hashWords(`${seed}:${name}`));
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[int(0, items.length - 1)];
      if (item === undefined) throw new RangeError("cannot pick from nothing");
      return item;
    },
  };
}

/** A picker of indexes in proportion to their weights: give it a draw in [0, 1). */
export function weightedIndex(weights: readonly number[]): (draw: number) => number {
  const ends: number[] = [];
  let total = 0;
  for (const weight of weights) {
    total += weight;
    ends.push(total);
  }
  return (draw) => firstAbove(ends, draw * total);
}

function firstAbove(ends: readonly number[], value: number): number {
  let low = 0;
  let high = ends.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** sfc32 (Chris Doty-Humphrey, PractRand): 128 bits of state, integer operations only, so equal on every machine. */
function sfc32([first, second, third, counter]: readonly [number, number, number, number]): () => number {
  let [a, b, c, d] = [first | 0, second | 0, third | 0, counter | 0];
  const next = (): number => {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 15; warmUp += 1) next();
  return next;
}

/** Four words of a text: FNV-1a to start, then the murmur3 finaliser over a Weyl sequence. */
function hashWords(text: string): readonly [number, number, number, number] {
  let state = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193);
  const word = (): number => {
    state = (state + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    const again = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return again ^ (again >>> 16);
  };
  return [word(), word(), word(), word()];
}
