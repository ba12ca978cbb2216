import { type Decision, decide, type Pressure } from "./pressure.ts";
import type { UnitNow } from "./units-now.ts";

/** A unit with something to do, and whether it is done now. */
export type Awaiting = { readonly unit: UnitNow; readonly decision: Decision };

/** Decides for each unit with something to do. What is not apart takes turns on one connection, so it counts as one. */
export function awaiting(units: readonly UnitNow[], now_ms: number, pressure: Pressure): Awaiting[] {
  return units
    .filter(({ behind }) => behind.marts.length > 0)
    .map((unit) => {
      const lane = unit.apart ? [unit] : units.filter(({ apart }) => !apart);
      const last = lane.flatMap((one) => one.last ?? []);
      const ended_ms = Math.max(0, ...last.map(({ finished_ms }) => finished_ms ?? 0));
      const wanted = {
        apart: unit.apart,
        due_in_ms: unit.due_in_ms,
        waiting_ms: now_ms - (unit.since_ms ?? now_ms),
        freshness_ms: unit.freshness_ms,
        last_ms: last.reduce((sum, { started_ms, finished_ms }) => sum + ((finished_ms ?? started_ms) - started_ms), 0),
        rest_ms: now_ms - ended_ms,
      };
      return { unit, decision: decide(wanted, pressure) };
    });
}
