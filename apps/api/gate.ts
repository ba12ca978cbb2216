import { Refusal } from "./refusal.ts";

/** Lets a bounded number of pieces of work be under way; what comes on top is refused before it is begun, so that nothing is half taken. */
export function gate(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let under_way = 0;
  return async (work) => {
    if (under_way >= most) throw new Refusal("unavailable", "More is coming in than can be taken at the moment. Send the same again.", { "retry-after": "1" });
    under_way += 1;
    try {
      return await work();
    } finally {
      under_way -= 1;
    }
  };
}
