import type { MartSchedule } from "@jukebase/platform/mart.ts";
import type { Built } from "../registry.ts";
import { lastTime, nextTime, parseCron } from "./cron.ts";

/** A mart's schedule and when it was refreshed last. */
export type Timed = Pick<Built, "refresh"> & { readonly refreshed_at: string | null };

/** From when on a mart may be refreshed, in milliseconds since 1970; a time that has passed unused counts until it is used. */
export function dueAt({ refresh, refreshed_at }: Timed, now_ms: number, zone: string): number {
  if (refresh === null || refreshed_at === null) return 0;
  const refreshed_ms = Date.parse(refreshed_at);
  if ("every_s" in refresh) return refreshed_ms + refresh.every_s * 1000;
  const [cron, now] = [parseCron(refresh.at), Temporal.Instant.fromEpochMilliseconds(now_ms)];
  const last = lastTime(cron, now, zone).epochMilliseconds;
  return last > refreshed_ms ? last : nextTime(cron, now, zone).epochMilliseconds;
}

/** A schedule in words. */
export function scheduleInWords(refresh: MartSchedule): string {
  return "every_s" in refresh ? `at most every ${refresh.every_s} s` : `at ${refresh.at} (minute, hour, day, month, weekday)`;
}
