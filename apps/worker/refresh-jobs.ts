import { measureLoad } from "@jukebase/marts/service/load.ts";
import { type Awaiting, awaiting } from "@jukebase/marts/service/next.ts";
import { pressureOf } from "@jukebase/marts/service/pressure.ts";
import { pendingRequests } from "@jukebase/marts/service/requests.ts";
import { type UnitNow, unitsNow } from "@jukebase/marts/service/units-now.ts";
import type { Executor } from "@jukebase/platform";
import { martsQueue } from "./queues.ts";
import type { WantedJob } from "./told.ts";

/** What a job of the marts' queue says: units by their keys, those of one list in one transaction; or a request by its id. */
export type RefreshPayload =
  | { readonly units: readonly (readonly string[])[]; readonly reason: "event" | "schedule"; readonly held_ms: number }
  | { readonly request: string };

/** The one job that refreshes all units that are not apart. */
export const freshJob = "fresh";

/** Marts are refreshed at most this often: under a steady trickle of events each refresh then takes in many. */
const refresh_ms = 700;
const look_ms = 1_000;
/** A refresh may take long; whether its worker is alive tells the heartbeat. */
const expireInSeconds = 12 * 60 * 60;

/**
 * Which jobs would refresh what waits, as far as schedules and load allow. All units that are not apart are one job, and of the others one
 * runs at a time: two connections refresh at the most. `freshRuns`: that first job waits or runs already; then it is enough to look for the
 * others each second.
 */
export function refreshJobs(db: Executor): (freshRuns: boolean) => Promise<WantedJob[]> {
  const held = new Map<string, number>();
  let [looked_ms, pause_ms] = [Number.NEGATIVE_INFINITY, 0];
  return async (freshRuns) => {
    const now = performance.now();
    if (now - looked_ms < (freshRuns ? look_ms : pause_ms)) return [];
    looked_ms = now;
    const { units, now_ms } = await unitsNow(db);
    const isBehind = units.some(({ behind }) => behind.marts.length > 0);
    const waiting = isBehind ? awaiting(units, now_ms, pressureOf(await measureLoad(db))) : [];
    noteHeld(held, waiting);
    const ready = waiting.flatMap(({ unit, decision }) => (decision.go ? [unit] : []));
    const fresh = freshRuns ? [] : ready.filter(({ apart }) => !apart);
    pause_ms = fresh.length > 0 || held.size > 0 ? refresh_ms : 0;
    const jobs = ready.filter(({ apart }) => apart).map((unit) => unitsJob(unit.key, [unit], held));
    if (fresh.length > 0) jobs.unshift(unitsJob(freshJob, fresh, held));
    return [...jobs, ...(await pendingRequests(db)).map(({ request_id }) => requestJob(request_id))];
  };
}

// Since when the load has held units back; what became ready keeps it until its job is made.
function noteHeld(held: Map<string, number>, waiting: readonly Awaiting[]): void {
  const now = performance.now();
  const ready = new Set(waiting.flatMap(({ unit, decision }) => (decision.go ? [unit.key] : [])));
  const holding = waiting.flatMap(({ unit, decision }) => (decision.go || decision.why === "not due" ? [] : [unit.key]));
  for (const key of held.keys()) if (!ready.has(key) && !holding.includes(key)) held.delete(key);
  for (const key of holding) held.set(key, held.get(key) ?? now);
}

function unitsJob(key: string, units: readonly UnitNow[], held: Map<string, number>): WantedJob {
  const now = performance.now();
  const held_ms = Math.round(Math.max(...units.map((unit) => now - (held.get(unit.key) ?? now))));
  for (const unit of units) held.delete(unit.key);
  const reason = units.some(({ marts }) => marts.some(({ refresh }) => refresh !== null)) ? "schedule" : "event";
  const payload: RefreshPayload = { units: listsOf(units), reason, held_ms };
  const group = { id: key === freshJob ? "fresh" : "apart" };
  return { queue: martsQueue, key, payload, options: { group, expireInSeconds } };
}

// Units that only have a later position to write down do so first, in one transaction.
function listsOf(units: readonly UnitNow[]): string[][] {
  const moved = units.filter(({ marked }) => !marked).map(({ key }) => key);
  const computed = units.filter(({ marked }) => marked).map(({ key }) => [key]);
  return moved.length > 0 ? [moved, ...computed] : computed;
}

function requestJob(request: string): WantedJob {
  const payload: RefreshPayload = { request };
  return { queue: martsQueue, key: request, payload, options: { group: { id: "apart" }, expireInSeconds } };
}
