import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { FailingRow } from "./failing-rows.ts";
import type { NamedTest } from "./named-test.ts";
import { everyTest, type Testable, testsConcerning } from "./run-mart-tests.ts";
import type { TestStatus } from "./run-tests.ts";

/** A test and how it stood when it was last run. */
export type TestStanding = Pick<
  NamedTest,
  "name" | "mart" | "seed" | "words" | "origin" | "severity" | "warnFrom" | "errorFrom"
> & {
  /** Which kind: `unique`, `not_null`, … or `check`. */
  readonly test: NamedTest["test"]["test"];
  readonly status: TestStatus | "not run";
  /** How many rows failed. */
  readonly rows: number | null;
  readonly tested_at: string | null;
  /** Since when it has not passed, without a break. */
  readonly failing_since: string | null;
  readonly duration_ms: number | null;
  readonly error: string | null;
  /** The SELECT of its failing rows, as last run. */
  readonly sql: string | null;
};

/** All tests and how each stands: the marts', those of reference data, the checks. */
export async function testStandings(db: Executor, of: Testable): Promise<TestStanding[]> {
  return standing(db, await everyTest(of));
}

/** The tests of one mart and how each stands, and those of the checks in `of` that read it. */
export async function testsOf(db: Executor, mart: Mart, of: Testable = { marts: [mart], checks: [] }): Promise<TestStanding[]> {
  return standing(db, testsConcerning(await everyTest(of), [mart.name]));
}

/** How many tests did not pass when they were last run, by how. */
export type FailingTests = { readonly failing: number; readonly warning: number; readonly since: string | null };

/** What of all that was tested did not pass: `failing` failed or could not be run. */
export async function failingTests(db: Executor): Promise<FailingTests> {
  const [row] = await db.query<{ failing: string; warning: string; since: string | null }>(`
    select
      count(*) filter (where status in ('fail', 'error'))::text as failing,
      count(*) filter (where status = 'warn')::text as warning,
      to_jsonb(min(failing_since) filter (where status in ('fail', 'error'))) #>> '{}' as since
    from marts_store.test`);
  return { failing: Number(row?.failing ?? 0), warning: Number(row?.warning ?? 0), since: row?.since ?? null };
}

/** One run of one test. */
export type TestRunOf = {
  readonly run_id: string;
  readonly asked_by: "build" | "refresh" | "manual";
  readonly actor: string | null;
  readonly started_at: string;
  readonly reference: string | null;
  readonly status: TestStatus;
  readonly rows: number;
  readonly duration_ms: number;
  readonly error: string | null;
  readonly sql: string;
  /** What the mart held: projection to batch. */
  readonly positions: Readonly<Record<string, number>> | null;
  /** How many of the failing rows are kept. */
  readonly kept: number;
};

/** A test's runs, the newest first. */
export async function testHistory(db: Executor, name: string, limit: number): Promise<TestRunOf[]> {
  const rows = await db.query<{ run: string }>(
    `select to_jsonb(run)::text as run
     from (
       select run_id, asked_by, actor, started_at, reference, status, failing_rows as rows, duration_ms, error, sql, positions,
         (select count(*) from marts_store.test_failing_row as kept where (kept.name, kept.run_id) = (result.name, result.run_id)) as kept
       from marts_store.test_result as result
       join marts_store.test_run using (run_id)
       where name = $1
       order by run_id desc
       limit $2
     ) as run`,
    [name, limit],
  );
  return rows.map(({ run }) => JSON.parse(run) as TestRunOf);
}

/** The failing rows that are kept of one run of a test, in the order in which they were found. */
export async function keptRows(db: Executor, name: string, run_id: string): Promise<FailingRow[]> {
  const rows = await db.query<{ content: string }>(
    "select content::text as content from marts_store.test_failing_row where name = $1 and run_id = $2::uuid order by place",
    [name, run_id],
  );
  return rows.map(({ content }) => JSON.parse(content) as FailingRow);
}

async function standing(db: Executor, tests: readonly NamedTest[]): Promise<TestStanding[]> {
  const rows = await db.query<{ test: string }>(
    `select to_jsonb(known)::text as test
     from (
       select name, status, failing_rows as rows, tested_at, failing_since, duration_ms, error, sql
       from marts_store.test
       where name = any($1::text[])
     ) as known`,
    [tests.map(({ name }) => name)],
  );
  const known = new Map(rows.map(({ test }) => JSON.parse(test) as TestStanding).map((one) => [one.name, one] as const));
  return tests.map(({ masks: _, marts: __, test, ...facts }) => ({
    ...facts,
    test: test.test,
    ...(known.get(facts.name) ?? notRun),
  }));
}

const notRun = {
  status: "not run",
  rows: null,
  tested_at: null,
  failing_since: null,
  duration_ms: null,
  error: null,
  sql: null,
} as const;
