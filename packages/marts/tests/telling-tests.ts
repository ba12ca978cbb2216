import type pg from "pg";
import { schemaOf } from "../environments.ts";
import type { MartEnd, MartListener, ToldTest } from "../listener.ts";
import type { NamedTest } from "./named-test.ts";
import { everyTest, type MartTestOutcome, type MartTestRun, runMartTests, testsConcerning } from "./run-mart-tests.ts";
import { isBad, type TestResult } from "./run-tests.ts";

/** Tests marts as `runMartTests` does and tells a listener, mart by mart, what was found; of a check every mart that it reads is told. */
export async function tellingTests(
  pool: pg.Pool,
  run: MartTestRun,
  listener: MartListener | undefined,
): Promise<MartTestOutcome> {
  if (listener === undefined) return runMartTests(pool, run);
  const tests = (await everyTest(run)).filter(run.choose ?? (() => true));
  const names = (run.only ?? run.marts.map(({ name }) => name)).filter((name) => testsConcerning(tests, [name]).length > 0);
  const schema = schemaOf(run.env);
  const begun = names.map((name) => [name, listener.started({ schema, name }, "test", 0)] as const);
  try {
    const outcome = await runMartTests(pool, run);
    const results = new Map(outcome.results.map((result) => [result.name, result]));
    for (const [name, finish] of begun)
      finish(endOf(testsConcerning(tests, [name]).flatMap((test) => told(test, results.get(test.name)))));
    return outcome;
  } catch (failure) {
    const end = { ...nothing, outcome: "aborted", reason: "aborted", error: (failure as Error).message } as const;
    for (const [, finish] of begun) finish(end);
    throw failure;
  }
}

const nothing = { rowsChanged: null, rows: null, duration_ms: 0 } as const;

type Told = ToldTest & Pick<TestResult, "duration_ms">;

function told({ test }: NamedTest, result: TestResult | undefined): Told[] {
  if (result === undefined) return [];
  const { name, words, severity, status, rows, sql, duration_ms } = result;
  const column = "column" in test ? test.column : "columns" in test && test.columns.length === 1 ? test.columns[0] : undefined;
  return [{ name, test: test.test, column, words, severity, status, rows, sql, duration_ms }];
}

function endOf(tests: readonly Told[]): MartEnd {
  const bad = tests.filter(isBad);
  const duration_ms = tests.reduce((total, test) => total + test.duration_ms, 0);
  const end = { ...nothing, duration_ms, reason: `${tests.length} ${tests.length === 1 ? "test" : "tests"}`, tests };
  if (bad.length === 0) return { ...end, outcome: "done" };
  return { ...end, outcome: "failed", error: `These fail: ${bad.map(({ name }) => name).join(", ")}.` };
}
