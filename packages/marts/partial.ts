import { Conflict } from "@jukebase/platform/errors.ts";
import { fileOf } from "./define-mart.ts";
import { hashOf, type Planned } from "./plan.ts";
import type { Built } from "./registry.ts";

/** What a partial build starts from: the environment's marts, the stores that there are in any, and which marts were asked for. */
export type Part = {
  readonly registered: readonly Built[];
  readonly stores: ReadonlySet<string>;
  readonly selected: (name: string) => boolean;
};

/**
 * What is left of a plan when only some marts are to be built: these, what must be built along because it stands on one that changes, what
 * they read and another environment lends, and all that stays as it is. A mart that changed but was not selected is left out: it serves on
 * as it was built. Throws Conflict, naming both ends, when what is to be built stands on a changed mart that is not selected, or has one
 * standing on it: the one cannot be built without the other, and nobody asked for that.
 */
export function partOfPlan(planned: readonly Planned[], { registered, stores, selected }: Part): Planned[] {
  const built = new Map(registered.map((mart) => [mart.name, mart]));
  const isChanged = (plan: Planned): boolean => built.get(plan.name)?.store !== plan.store;
  const names = new Set(planned.filter((plan) => isChanged(plan) && selected(plan.name)).map(({ name }) => name));
  for (const plan of planned) {
    const moves = built.has(plan.name) && plan.upstream.some((name) => names.has(name));
    if (moves && !changedItself(plan, built)) names.add(plan.name);
  }
  const isRead = (name: string): boolean => planned.some((plan) => names.has(plan.name) && plan.upstream.includes(name));
  for (const { name, store } of planned.toReversed()) {
    if (!built.has(name) && stores.has(store) && isRead(name)) names.add(name);
  }
  const left = planned.filter((plan) => !isChanged(plan) || names.has(plan.name));
  refuseUnselectedBeneath(planned, left);
  refuseUnselectedAbove(planned, registered, names);
  return left;
}

function changedItself({ name, upstream, parts }: Planned, built: ReadonlyMap<string, Built>): boolean {
  const marts = Object.fromEntries(upstream.map((up) => [up, built.get(up)?.hash ?? ""]));
  return hashOf({ own: parts.own, beneath: { ...parts.beneath, marts } }) !== built.get(name)?.hash;
}

function refuseUnselectedBeneath(planned: readonly Planned[], left: readonly Planned[]): void {
  const known = new Set(left.map(({ name }) => name));
  for (const plan of left) {
    const missing = plan.upstream.find((up) => !known.has(up));
    const beneath = planned.find(({ name }) => name === missing);
    if (beneath !== undefined)
      throw notSelected(beneath, `is new or changed, and marts.${plan.name} stands on it`, `+${plan.name}`);
  }
}

// What is built stands on the stores themselves: nothing can go on standing on one that is replaced.
function refuseUnselectedAbove(planned: readonly Planned[], registered: readonly Built[], names: ReadonlySet<string>): void {
  for (const { name, upstream } of registered) {
    const beneath = upstream.find((up) => names.has(up));
    if (beneath === undefined || names.has(name)) continue;
    const plan = planned.find((one) => one.name === name);
    if (plan !== undefined) throw notSelected(plan, `changed itself, and stands on marts.${beneath}`, `${beneath}+`);
    throw new Conflict(
      `marts.${name} stands on marts.${beneath} but is no longer among the marts; build without a selection, which removes it.`,
    );
  }
}

function notSelected(plan: Planned, why: string, select: string): Conflict {
  return new Conflict(
    `marts.${plan.name} (${fileOf(plan.mart)}) ${why}, but is not selected. Select it as well, for example --select ${select}`,
  );
}
