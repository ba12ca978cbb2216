/** How far a change reaches: words alone; what all older data fits; what some may not fit; what breaks. */
export type Reach = "words" | "addition" | "revision" | "model";

/** One difference between released contracts and today's. */
export type ContractChange = {
  readonly type: string;
  /** The version that it is in; undefined where it is in the contract as a whole. */
  readonly version: number | undefined;
  readonly path: string | undefined;
  readonly reach: Reach;
  /** What is different, and what that means. */
  readonly what: string;
  /** Why it may not be released so, and what to do instead; undefined where it may. */
  readonly refusal: string | undefined;
};

/** The further of two reaches. */
export const further = (one: Reach, other: Reach): Reach => (order.indexOf(one) < order.indexOf(other) ? other : one);

const order: readonly Reach[] = ["words", "addition", "revision", "model"];
