import { badge, type Tone } from "@jukebase/console";
import type { Console } from "./console.ts";

/** Everything that can be tested here. */
export function testable({ jukebase: { domains, marts } }: Console) {
  const checks = domains.flatMap((domain) => domain.checks);
  return { marts, checks, seeds: domains.flatMap((domain) => domain.seeds ?? []) };
}

/** A test's state as a badge. */
export function stateBadge(status: string) {
  return badge(words[status] ?? status, tones[status] ?? "neutral");
}

const tones: Readonly<Record<string, Tone>> = { pass: "good", warn: "warn", fail: "error", error: "error" };
const words: Readonly<Record<string, string>> = { pass: "passes", warn: "warns", fail: "fails", error: "cannot be run" };
