import { dayMs } from "../instants.ts";
import type { Random } from "../random.ts";

/** When an event arrives that happened at `at`: in time, or for the given share one to forty days later. */
export function lateBy(at: number, share: number, random: Random): number {
  return random.chance(share) ? at + random.int(1, 40) * dayMs : at;
}
