import type { Executor } from "@jukebase/platform/executor.ts";
import { measureLoad } from "./load.ts";
import { awaiting } from "./next.ts";
import { type Load, type Pressure, pressureOf } from "./pressure.ts";
import { pendingRequests, type RefreshRequest } from "./requests.ts";
import { scheduleInWords } from "./schedule.ts";
import { type UnitNow, unitsNow } from "./units-now.ts";

/** What is known of a unit that runs, waits, or cannot go on. Instants are ISO text in UTC. */
export type Queued = {
  /** The kept marts that are refreshed together. */
  readonly marts: readonly string[];
  /** `next`: as soon as a worker takes it; `not due`: by its schedule; `busy`, `behind`: the load holds it back; `failing`: a mart failed. */
  readonly state: "running" | "next" | "not due" | "busy" | "behind" | "failing";
  /** Since when it runs, or what is to be done has waited. */
  readonly since: string | undefined;
  /** When it is done at the latest, or tried again. */
  readonly until: string | undefined;
  /** The marts that failed. */
  readonly failing: readonly string[];
  /** Their schedules in words. */
  readonly schedules: readonly string[];
};

/** The refresh service at this moment, as a worker would decide now. */
export type RefreshQueue = {
  readonly load: Load;
  readonly pressure: Pressure;
  readonly queued: readonly Queued[];
  readonly requests: readonly RefreshRequest[];
};

/** Reads what runs and waits, and the load by which the next refreshes are decided. */
export async function refreshQueue(db: Executor): Promise<RefreshQueue> {
  const { units, now_ms } = await unitsNow(db);
  const load = await measureLoad(db);
  const pressure = pressureOf(load);
  const decisions = new Map(awaiting(units, now_ms, pressure).map(({ unit, decision }) => [unit, decision]));
  const queued = units.flatMap((unit): Queued[] => {
    if (unit.running !== undefined) return [described(unit, "running", unit.running.started_ms)];
    const decision = decisions.get(unit);
    if (decision?.go) return [described(unit, "next", unit.since_ms)];
    if (decision !== undefined) return [described(unit, decision.why, unit.since_ms, now_ms + decision.at_most_ms)];
    const retries = unit.behind.failing.map(({ retry_ms }) => retry_ms);
    return retries.length > 0 ? [described(unit, "failing", unit.since_ms, Math.min(...retries))] : [];
  });
  return { load, pressure, queued, requests: await pendingRequests(db) };
}

function described(unit: UnitNow, state: Queued["state"], since_ms: number | undefined, until_ms?: number): Queued {
  return {
    marts: unit.marts.filter(({ kind }) => kind !== "view").map(({ name }) => name),
    state,
    since: textOf(since_ms),
    until: textOf(until_ms),
    failing: unit.behind.failing.map(({ mart }) => mart),
    schedules: unit.marts.flatMap((mart) => (mart.refresh === null ? [] : `${mart.name} ${scheduleInWords(mart.refresh)}`)),
  };
}

function textOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
