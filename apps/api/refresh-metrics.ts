import type { Jukebase } from "@jukebase/domains/open.ts";
import { type RefreshRecord, refreshesSince } from "@jukebase/marts/service/history.ts";
import { type RefreshQueue, refreshQueue } from "@jukebase/marts/service/queue.ts";
import { pgExecutor } from "@jukebase/platform";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** What refreshes did since this process began to ask, and what waits at the moment it is asked. */
export function refreshMetrics(register: Registry): (jukebase: Jukebase) => Promise<void> {
  const [count, show] = [countRefreshes(register), showQueue(register)];
  const ended = newlyEnded();
  return async ({ database }) => {
    const db = pgExecutor(database.pg);
    for (const record of await ended((instant) => refreshesSince(db, instant))) count(record);
    show(await refreshQueue(db));
  };
}

function countRefreshes(register: Registry): (record: RefreshRecord) => void {
  const registers = [register];
  const duration = new Histogram({
    name: "jukebase_mart_refresh_duration_seconds",
    help: "How long computing what was marked of a mart took.",
    labelNames: ["mart"] as const,
    buckets: seconds,
    registers,
  });
  const lag = new Histogram({
    name: "jukebase_mart_refresh_lag_seconds",
    help: "From the receipt of the first event that was new in a mart to the refresh that brought it.",
    labelNames: ["mart"] as const,
    buckets: seconds,
    registers,
  });
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> =>
    new Counter({ name, help, labelNames: [...labelNames], registers });
  const runs = counter("jukebase_mart_refreshes_total", "Refreshes of marts, by how they ended and why they were made.", [
    "mart",
    "outcome",
    "reason",
  ]);
  const rows = counter("jukebase_mart_refresh_rows_changed_total", "Rows of marts that refreshes changed.", ["mart"]);
  const held = counter("jukebase_mart_refresh_held_seconds_total", "For how long the load held refreshes of a mart back.", [
    "mart",
  ]);
  return ({ mart, outcome, reason, duration_ms, rows_changed, lag_ms, held_ms }) => {
    runs.inc({ mart, outcome, reason });
    held.inc({ mart }, held_ms / 1000);
    if (outcome !== "refreshed") return;
    duration.observe({ mart }, (duration_ms ?? 0) / 1000);
    rows.inc({ mart }, rows_changed ?? 0);
    if (lag_ms !== null) lag.observe({ mart }, lag_ms / 1000);
  };
}

function showQueue(register: Registry): (queue: RefreshQueue) => void {
  const registers = [register];
  const waiting = new Gauge({
    name: "jukebase_mart_refresh_waiting",
    help: "1 for each mart of which there is something to do, by what it waits for.",
    labelNames: ["mart", "state"] as const,
    registers,
  });
  const pressure = new Gauge({
    name: "jukebase_mart_refresh_pressure",
    help: "1 while the load of the database holds refreshes back, by what it is.",
    labelNames: ["pressure"] as const,
    registers,
  });
  return (queue) => {
    waiting.reset();
    for (const { marts, state } of queue.queued) for (const mart of marts) waiting.set({ mart, state }, 1);
    for (const kind of ["busy", "behind"]) pressure.set({ pressure: kind }, queue.pressure === kind ? 1 : 0);
  };
}

/** A refresh notes when it ended shortly before its commit, so those of the last minute are looked at once more. */
const overlap_ms = 60_000;

type Since = (instant: string | undefined) => Promise<{ readonly now: string; readonly records: readonly RefreshRecord[] }>;

// Counting begins when this process asks for the first time, so that no restart counts anything twice.
function newlyEnded(): (since: Since) => Promise<RefreshRecord[]> {
  const counted = new Map<string, number>();
  let [begun_ms, asked_ms] = [0, 0];
  return async (since) => {
    const from_ms = Math.max(begun_ms, asked_ms - overlap_ms);
    const { now, records } = await since(begun_ms === 0 ? undefined : new Date(from_ms).toISOString());
    asked_ms = Date.parse(now);
    if (begun_ms === 0) begun_ms = asked_ms;
    for (const [key, ended_ms] of counted) if (ended_ms < from_ms) counted.delete(key);
    const fresh = records.filter(({ run_id, mart }) => !counted.has(`${run_id} ${mart}`));
    for (const { run_id, mart, finished_at } of fresh) counted.set(`${run_id} ${mart}`, Date.parse(finished_at));
    return fresh;
  };
}
