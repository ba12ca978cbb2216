import { Invalid } from "@jukebase/platform";

const units_ms = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A stretch of time out of text, in milliseconds: 90s, 30m, 24h, 7d. Throws `Invalid` for anything else. */
export function durationMs(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count === undefined) throw new Invalid(`"${text}" is no stretch of time: say for example 90s, 30m, 24h or 7d.`);
  return Number(count) * units_ms[unit as keyof typeof units_ms];
}
