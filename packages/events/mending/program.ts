import type { Step } from "../sources/places.ts";

/** A place in an event: the steps from the whole (`$`) to it. */
export type Place = readonly Step[];

/** One instruction of a mending program. `onlyIfMissing` leaves a place alone that holds something already. */
export type Instruction =
  | { readonly does: "set"; readonly at: Place; readonly value: unknown; readonly onlyIfMissing: boolean }
  | { readonly does: "rename" | "copy"; readonly from: Place; readonly to: Place; readonly onlyIfMissing: boolean }
  | { readonly does: "remove"; readonly at: Place }
  | { readonly does: "replace"; readonly at: Place; readonly old: string; readonly by: string };

/** What is to be done to each event of a group, in order. */
export type Program = readonly Instruction[];
