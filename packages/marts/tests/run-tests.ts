import type { Executor } from "@jukebase/platform/executor.ts";
import { compileTest, type Ground, publicGround, publicly } from "./compile.ts";
import { attempt, type Count, countRows, passes } from "./count-rows.ts";
import { type FailingRow, failingRows } from "./failing-rows.ts";
import { guaranteed } from "./guaranteed.ts";
import type { NamedTest } from "./named-test.ts";
import { newestEvent } from "./newest-event.ts";

/** How a test went: `error` when it could not be run at all, which is as bad as failing. */
export type TestStatus = "pass" | "warn" | "fail" | "error";

/** What a test found. */
export type TestResult = {
  readonly name: string;
  readonly mart: string | undefined;
  readonly seed: string | undefined;
  readonly test: NamedTest["test"]["test"];
  readonly words: string;
  readonly severity: "warn" | "error";
  readonly status: TestStatus;
  /** How many rows fail; for `unique` the values that occur more than once. */
  readonly rows: number;
  /** The first of them. */
  readonly examples: readonly FailingRow[];
  readonly duration_ms: number;
  /** The SELECT of the failing rows, over public names. */
  readonly sql: string;
  /** A constraint of the table already makes sure of it, so no row was looked at. */
  readonly guaranteed: boolean;
  readonly error?: string;
};

/** What may be said of a run of tests. */
export type RunTests = {
  /** The relation, as SQL, in which a mart's rows stand; its public view when left out or undefined. */
  readonly where?: (mart: string) => string | undefined;
  /** The same for what checks read besides marts. */
  readonly whereElse?: (schema: string, relation: string) => string | undefined;
  /** The moment that counts as the present; the newest event's when left out, none when null. */
  readonly reference?: Date | null | undefined;
  /** How many failing rows of each test are answered; 5 when left out. */
  readonly keep?: number;
  /** Stop after the first that fails or cannot be run. */
  readonly failFast?: boolean;
  readonly onResult?: (result: TestResult, done: number, of: number) => void;
};

/**
 * Runs tests in the caller's transaction, each behind a savepoint: one that cannot be run is an `error` and stops no other. Those of a
 * mart that look at each row by itself share one scan. Answers in the order of `tests`; with `failFast`, only those that were run.
 */
export async function runTests(db: Executor, tests: readonly NamedTest[], options: RunTests = {}): Promise<TestResult[]> {
  const { keep = examples_max, failFast = false, onResult = () => {} } = options;
  const ground: Ground = {
    where: (mart) => options.where?.(mart) ?? publicly(mart),
    whereElse: options.whereElse ?? (() => undefined),
    reference: options.reference === undefined ? (await newestEvent(db)).at : (options.reference ?? undefined),
  };
  const proven = await guaranteed(db, tests, ground);
  const done = new Map<string, TestResult>();
  const tell = (result: TestResult): void => {
    done.set(result.name, result);
    onResult(result, done.size, tests.length);
  };
  for (const test of tests.filter(({ name }) => proven.has(name)))
    tell(resultOf(test, { rows: 0, duration_ms: 0 }, ground, [], true));
  for (const pass of passes(tests.filter(({ name }) => !proven.has(name)))) {
    const counts = await countRows(db, pass, ground);
    for (const [n, test] of pass.entries()) tell(await withExamples(db, test, counts[n] ?? unknown, ground, keep));
    if (failFast && [...done.values()].some(isBad)) break;
  }
  return tests.flatMap(({ name }) => done.get(name) ?? []);
}

/** Whether a result speaks against what was tested: it failed, or could not be run. */
export function isBad({ status }: Pick<TestResult, "status">): boolean {
  return status === "fail" || status === "error";
}

const examples_max = 5;
const unknown: Count = { rows: 0, duration_ms: 0, error: "It was not counted." };

async function withExamples(db: Executor, test: NamedTest, count: Count, ground: Ground, keep: number): Promise<TestResult> {
  if (count.error !== undefined || count.rows === 0 || keep === 0) return resultOf(test, count, ground);
  const started = performance.now();
  const examples = await attempt(db, test, () => failingRows(db, test, compileTest(test, ground), keep));
  const duration_ms = count.duration_ms + Math.round(performance.now() - started);
  if (typeof examples === "string") return resultOf(test, { ...count, duration_ms, error: examples }, ground);
  return resultOf(test, { ...count, duration_ms }, ground, examples);
}

function resultOf(
  test: NamedTest,
  { rows, duration_ms, error }: Count,
  { reference }: Ground,
  examples: readonly FailingRow[] = [],
  isGuaranteed = false,
): TestResult {
  const { name, mart, seed, words, severity } = test;
  const sql = compileTest(test, publicGround(reference));
  const facts = {
    name,
    mart,
    seed,
    test: test.test.test,
    words,
    severity,
    rows,
    examples,
    duration_ms,
    sql,
    guaranteed: isGuaranteed,
  };
  return error === undefined ? { ...facts, status: statusOf(test, rows) } : { ...facts, status: "error", error };
}

function statusOf({ warnFrom, errorFrom }: NamedTest, rows: number): TestStatus {
  if (rows >= errorFrom) return "fail";
  return rows >= warnFrom ? "warn" : "pass";
}
