import { expect, test } from "vitest";
import { loadProgress } from "./load-progress.ts";
import type { Terminal } from "./terminal.ts";

test("a load says how far it is, how fast, and what is left, where the size is known", () => {
  const said: string[] = [];
  const terminal = { progress: (line: string) => said.push(line) } as unknown as Terminal;
  const counts = { received: 12_345, logged: 12_000, duplicates: 300, quarantined: 45 };
  loadProgress(terminal, "/data/events.ndjson", 1000)({ ...counts, read_to: 250 });
  loadProgress(terminal, "stdin", undefined)({ ...counts, read_to: 250 });
  expect(said[0]).toMatch(/^Loading events\.ndjson \[█████░{15}\] 25 % 12,345 events, 45 quarantined, [\d,]+\/s, \d+ s left$/);
  expect(said[1]).toMatch(/^Loading stdin: 12,345 events, 45 quarantined, [\d,]+\/s$/);
});
