import type { Clock } from "@jukebase/platform/clock.ts";

/** A clock that stands at an instant (ISO 8601 with zone). */
export function fixedClock(iso: string): Clock {
  const instant = new Date(iso).getTime();
  if (Number.isNaN(instant)) throw new Error(`"${iso}" is no ISO 8601 instant.`);
  return { now: () => new Date(instant) };
}
