import type { Executor } from "@jukebase/platform/executor.ts";
import type { Testable } from "../tests/run-mart-tests.ts";
import { testStandings } from "../tests/standing.ts";

/** How a test, or check, ended when it was last run; `tested_at` is ISO 8601 in UTC, `rows` counts the failing ones. */
export type RecordedTest = {
  readonly name: string;
  readonly status: "pass" | "warn" | "fail" | "error";
  readonly rows: number;
  readonly error: string | null;
  readonly tested_at: string;
  readonly duration_ms: number;
};

/** The last run of each test and check that was ever run, by name. */
export async function recordedTests(db: Executor, of: Testable): Promise<RecordedTest[]> {
  const standings = await testStandings(db, of);
  return standings.flatMap(({ name, status, rows, error, tested_at, duration_ms }) =>
    status === "not run" || tested_at === null
      ? []
      : [{ name, status, rows: rows ?? 0, error, tested_at, duration_ms: duration_ms ?? 0 }],
  );
}
