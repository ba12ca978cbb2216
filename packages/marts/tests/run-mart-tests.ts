import type { Check } from "@jukebase/platform/domain.ts";
import { NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { session, within } from "../session.ts";
import { testsOfChecks } from "./check-tests.ts";
import { type NamedTest, testsOfMart } from "./named-test.ts";
import { newestEvent } from "./newest-event.ts";
import { forgetOthers, martPositions, recordRun, type TestRun } from "./record-run.ts";
import { type RunTests, runTests, type TestResult, type TestStatus } from "./run-tests.ts";

/** What is to be tested, and for whom. */
export type MartTestRun = Pick<RunTests, "reference" | "keep" | "failFast" | "onResult"> &
  Pick<TestRun, "askedBy" | "actor"> & {
    /** All marts and checks that there are. */
    readonly marts: readonly Mart[];
    readonly checks: readonly Check[];
    /** Only the tests of these marts, and the checks that read one of them. */
    readonly only?: readonly string[] | undefined;
  };

/** A run of tests as it was recorded. */
export type MartTestOutcome = {
  readonly run_id: string;
  readonly reference: string | null;
  readonly results: readonly TestResult[];
  /** How many ended how; `not_run` is what `failFast` left out. */
  readonly totals: Readonly<Record<TestStatus | "not_run", number>>;
};

/** Every test that there is: those of the marts, in their order, then the checks. */
export async function everyTest(marts: readonly Mart[], checks: readonly Check[]): Promise<NamedTest[]> {
  return [...marts.flatMap(testsOfMart), ...(await testsOfChecks(checks, marts))];
}

/**
 * Tests marts at one snapshot and writes the run into the history. What waits to be refreshed is tested as it stands: refresh first.
 * Throws NotFound for a mart in `only` that is none.
 */
export async function runMartTests(pool: pg.Pool, { askedBy, actor, ...run }: MartTestRun): Promise<MartTestOutcome> {
  const every = await everyTest(run.marts, run.checks);
  const chosen = run.only === undefined ? every : every.filter((test) => concerns(test, run.only ?? []));
  const unknown = run.only?.find((name) => !run.marts.some((mart) => mart.name === name));
  if (unknown !== undefined) throw new NotFound(`There is no mart "${unknown}".`);
  return session(pool, async (db) => {
    const startedAt = await clock(db);
    const { results, ...found } = await within(db, "repeatable read", async () => {
      await db.query("set local jit = off");
      await db.query("set local work_mem = '64MB'");
      const newest = run.reference === undefined ? await newestEvent(db) : undefined;
      const reference = run.reference ?? newest?.at;
      const positions = await martPositions(db);
      return { results: await runTests(db, chosen, { ...run, reference }), newest, reference, positions };
    });
    const run_id = await within(db, "read committed", async () => {
      const names = every.map(({ name }) => name);
      await forgetOthers(db, names);
      return recordRun(db, { askedBy, actor, startedAt, ...found }, results);
    });
    const reference = found.reference?.toISOString() ?? null;
    return { run_id, reference, results, totals: totalsOf(results, chosen.length) };
  });
}

function concerns({ mart, marts }: NamedTest, only: readonly string[]): boolean {
  return mart === undefined ? marts.some((name) => only.includes(name)) : only.includes(mart);
}

function totalsOf(results: readonly TestResult[], of: number): MartTestOutcome["totals"] {
  const count = (status: TestStatus): number => results.filter((result) => result.status === status).length;
  return {
    pass: count("pass"),
    warn: count("warn"),
    fail: count("fail"),
    error: count("error"),
    not_run: of - results.length,
  };
}

async function clock(db: Executor): Promise<string> {
  const [row] = await db.query<{ at: string }>("select to_jsonb(clock_timestamp()) #>> '{}' as at");
  return row?.at ?? "";
}
