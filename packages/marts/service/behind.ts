import { type Built, type Positions, positionsOf } from "../registry.ts";
import type { Unit } from "./units.ts";

/** A mart that could not be computed, and when it is tried again, in milliseconds since 1970. */
export type Failing = { readonly mart: string; readonly retry_ms: number };

/** What there is to do of a unit. */
export type Behind = {
  /** The marts with marks, or that could be exact at a later position. What failed lately is not among them, nor what stands on it. */
  readonly marts: readonly Built[];
  /** The least position at which one of them is and need not be. */
  readonly from: number | undefined;
  /** What failed among its marts and all that they stand on. */
  readonly failing: readonly Failing[];
};

/**
 * Compares a unit's marts with what they read: the log as far as projections have read it, and, of marts of other units, what these hold.
 * `ordered`: every mart, in order; `marked`: the stores with marks.
 */
export function behindOf(
  unit: Unit<Built>,
  ordered: readonly Built[],
  checkpoints: Positions,
  now_ms: number,
  marked: ReadonlyMap<string, unknown>,
): Behind {
  const reachable = new Map<string, Positions>();
  const failing = new Map<string, Failing>();
  const blocked = new Set<string>();
  const [own, along] = [new Set(unit.marts), new Set(unit.along)];
  const found: { readonly mart: Built; readonly from: readonly number[] }[] = [];
  for (const mart of ordered) {
    const isOwn = own.has(mart);
    const stays = !isOwn && !along.has(mart) && mart.kind !== "view";
    reachable.set(mart.name, stays ? mart.positions : positionsOf(mart, checkpoints, reachable));
    const cause = failureOf(mart) ?? mart.upstream.flatMap((name) => failing.get(name) ?? [])[0];
    if (cause !== undefined) failing.set(mart.name, cause);
    const waits = stays ? mart.stale : (failureOf(mart)?.retry_ms ?? 0) > now_ms;
    if (waits || mart.upstream.some((name) => blocked.has(name))) blocked.add(mart.name);
    const from = lagging(mart, reachable.get(mart.name) ?? {});
    const hasWork = from.length > 0 || marked.has(mart.store) || mart.stale;
    if (isOwn && mart.kind !== "view" && hasWork && !blocked.has(mart.name)) found.push({ mart, from });
  }
  const all = found.flatMap(({ from }) => from);
  return {
    marts: found.map(({ mart }) => mart),
    from: all.length > 0 ? Math.min(...all) : undefined,
    failing: [...new Set(unit.marts.flatMap(({ name }) => failing.get(name) ?? []))],
  };
}

function failureOf({ name, retry_at }: Built): Failing | undefined {
  return retry_at === null ? undefined : { mart: name, retry_ms: Date.parse(retry_at) };
}

function lagging({ positions }: Built, reachable: Positions): number[] {
  return Object.entries(reachable).flatMap(([projection, seq]) => {
    const at = positions[projection] ?? 0;
    return at < seq ? [at] : [];
  });
}
