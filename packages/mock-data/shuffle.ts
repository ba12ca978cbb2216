import { randomStream } from "./random.ts";

/** The same lines in another order (Fisher–Yates), equal for equal seeds. */
export function shuffled<Line>(lines: readonly Line[], seed: number): Line[] {
  const random = randomStream(seed, "shuffled");
  const order = [...lines];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.int(0, last);
    [order[last], order[other]] = [order[other] as Line, order[last] as Line];
  }
  return order;
}

/** The lines with a share of them (0 to 1) repeated at the end, equal for equal seeds. */
export function duplicated<Line>(lines: readonly Line[], seed: number, share: number): Line[] {
  const random = randomStream(seed, "duplicated");
  return [...lines, ...lines.filter(() => random.chance(share))];
}
