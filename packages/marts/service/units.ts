import { families, inOrder, withUpstream } from "../order.ts";
import type { Built } from "../registry.ts";
import { agreed, type ReadIn, readNow } from "./agreement.ts";

/** What the service needs to know of a mart to say with which others it is refreshed. */
export type Divisible = Pick<Built, "name" | "kind" | "upstream" | "projections" | "refresh" | "usual_ms">;

/**
 * Marts that are refreshed in one snapshot and one transaction: one job at a time, and one position. A family is one unit, so that what is
 * joined agrees, but for its costly marts with all that stands on these: they are units of their own, refreshed on what the others have
 * committed, so that nobody waits for them.
 */
export type Unit<T> = {
  /** The name of its first kept mart. */
  readonly key: string;
  readonly apart: boolean;
  /** In order; those that are refreshed. */
  readonly marts: readonly T[];
  /** Marts beneath that must be brought into the same snapshot, since the unit reads their projections' tables, too. */
  readonly along: readonly T[];
};

/** From so many milliseconds on, as it usually takes, a mart is refreshed apart from those that read nothing of it. */
export const slow_ms = 2000;

/** The units of all marts of an environment; views that stand on no kept mart belong to none, since there is nothing to refresh. */
export function unitsOf<T extends Divisible>(marts: readonly T[]): Unit<T>[] {
  const ordered = inOrder(marts);
  const scheduled = ordered.filter((mart) => mart.refresh !== null);
  let slow = ordered.filter((mart) => mart.refresh === null && (mart.usual_ms ?? 0) >= slow_ms);
  for (;;) {
    const units = divide(ordered, [...scheduled, ...slow]);
    const vain = slow.filter((mart) => units.some((unit) => unit.marts.includes(mart) && isVain(unit)));
    if (vain.length === 0) return units;
    slow = slow.filter((mart) => !vain.includes(mart));
  }
}

// It gains nothing where what it reads has to be brought along, and a view that joins it with others would show two positions as one.
function isVain({ marts, along, apart }: Unit<Divisible>): boolean {
  return apart && (along.length > 0 || marts.some(({ kind }) => kind === "view"));
}

function divide<T extends Divisible>(ordered: readonly T[], costly: readonly T[]): Unit<T>[] {
  const apart = new Set<string>(costly.map(({ name }) => name));
  for (const { name, upstream } of ordered) if (upstream.some((beneath) => apart.has(beneath))) apart.add(name);
  return families(ordered).flatMap((family) => {
    const fresh = family.filter(({ name }) => !apart.has(name));
    const others = family.filter(({ name }) => apart.has(name));
    const within = others.map((mart) => ({ mart, name: mart.name, upstream: mart.upstream.filter((name) => apart.has(name)) }));
    const groups = families(within).map((group) => group.map(({ mart }) => mart));
    return [fresh, ...groups].flatMap((group) => unitOf(group, group !== fresh, ordered));
  });
}

function unitOf<T extends Divisible>(marts: readonly T[], apart: boolean, all: readonly T[]): Unit<T>[] {
  const first = marts.find(({ kind }) => kind !== "view");
  if (first === undefined) return [];
  const mustBring = apart && !agrees(marts, all);
  const beneath = mustBring
    ? withUpstream(
        all,
        marts.map(({ name }) => name),
      )
    : [];
  return [{ key: first.name, apart, marts, along: beneath.filter((mart) => !marts.includes(mart)) }];
}

// The kept marts of a family that are not apart are committed together, so they are read in one snapshot: the last one.
function agrees(marts: readonly Divisible[], all: readonly Divisible[]): boolean {
  const own = new Set(marts);
  const known = new Map<string, ReadIn | undefined>();
  const projections = new Map<string, readonly string[]>();
  for (const mart of all) {
    const beneath = mart.upstream.flatMap((name) => projections.get(name) ?? []);
    projections.set(mart.name, [...new Set([...mart.projections, ...beneath])]);
    const gathered = agreed([readNow(mart.projections, "now"), ...mart.upstream.map((name) => known.get(name))]);
    const isCommitted = mart.kind !== "view" && !own.has(mart);
    known.set(mart.name, isCommitted ? readNow(projections.get(mart.name) ?? [], "last") : gathered);
  }
  return marts.every((mart) => mart.kind === "view" || known.get(mart.name) !== undefined);
}
