import type { Executor } from "@jukebase/platform/executor.ts";
import type { Ground } from "./ground.ts";
import { levelsOf, marksOf } from "./marks.ts";
import { recordRefreshes } from "./record.ts";
import { bringUp } from "./refresh-mart.ts";
import type { Built, Positions } from "./registry.ts";
import type { ReadIn } from "./service/agreement.ts";
import type { Asked, Run } from "./service/run.ts";

/** What a refresh did with one mart. `rowsChanged` is null where the server does not say (materialized, views). */
export type Refresh = {
  readonly name: string;
  readonly reason: string;
  readonly rowsChanged: number | null;
  readonly duration_ms: number;
  readonly skipped: boolean;
  readonly error?: string;
};

/** A mart after a refresh: its result, and what the registry is to say of it. */
export type Refreshing = Known & {
  readonly mart: Built;
  readonly result: Refresh;
  /** `brought`: there was nothing to compute; `left`: it failed lately and was not tried. */
  readonly outcome: "computed" | "brought" | "failed" | "waits" | "left";
  readonly rows: number | null;
  readonly buckets?: number | null;
  readonly waitsFor?: string;
  /** By the server's clock, in milliseconds since 1970. */
  readonly started_ms?: number;
};

/** What those above must know of a mart. `held`: it could not be brought up to now; no `read_in`: what it reads disagrees. */
export type Known = { readonly positions: Positions; readonly read_in: ReadIn | undefined; readonly held: boolean };

/** On what marts are refreshed: the snapshot, who may have to be marked, the marts beneath that stay as they are, and what for. */
export type Footing = {
  readonly ground: Ground;
  readonly all: readonly Built[];
  readonly beneath: ReadonlyMap<string, Known>;
  readonly asked: Asked;
  /** Marts that failed lately are left alone for a while. */
  readonly patient: boolean;
  readonly run: Run | undefined;
};

/** Refreshes marts, given in order, in the snapshot in which `ground` was read, level by level; and writes down what came of it. */
export async function refreshOn(db: Executor, marts: readonly Built[], footing: Footing): Promise<Refreshing[]> {
  const known = new Map(footing.beneath);
  const done = new Map<string, Refreshing>();
  for (const level of levelsOf(marts)) {
    const marks = await marksOf(db, level);
    for (const mart of level) {
      const refreshing = await bringUp(db, mart, marks.get(mart.store), known, footing);
      known.set(mart.name, refreshing);
      done.set(mart.name, refreshing);
    }
  }
  const inOrder = marts.flatMap(({ name }) => done.get(name) ?? []);
  await recordRefreshes(db, inOrder, footing);
  return inOrder;
}
