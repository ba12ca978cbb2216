import type { Check, Seed } from "@jukebase/platform/domain.ts";
import { Invalid, NotFound } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { schemaOf } from "../environments.ts";
import { quoted } from "../quote.ts";
import { session, within } from "../session.ts";
import { inStore } from "../store.ts";
import { testsOfChecks } from "./check-tests.ts";
import { type NamedTest, testsOfMart, testsOfSeed } from "./named-test.ts";
import { newestEvent } from "./newest-event.ts";
import { forgetOthers, martPositions, recordRun, type TestRun } from "./record-run.ts";
import { type RunTests, runTests, type TestResult, type TestStatus } from "./run-tests.ts";

/** What there is to be tested: all marts, checks and reference data. */
export type Testable = {
  readonly marts: readonly Mart[];
  readonly checks: readonly Check[];
  readonly seeds?: readonly Seed[];
};

/** What is to be tested, and for whom. */
export type MartTestRun = Testable &
  Pick<RunTests, "reference" | "keep" | "failFast" | "onResult"> &
  Pick<TestRun, "askedBy" | "actor"> & {
    /** Only the tests of these marts, and the checks that read one of them. */
    readonly only?: readonly string[] | undefined;
    /** Only the tests for which it answers true. */
    readonly choose?: ((test: NamedTest) => boolean) | undefined;
    /** The environment, if not the marts that everybody reads; such a run is not kept. */
    readonly env?: string | undefined;
  };

/** A run of tests; `run_id` is null when it was not kept. */
export type MartTestOutcome = {
  readonly run_id: string | null;
  readonly reference: string | null;
  readonly results: readonly TestResult[];
  /** How many ended how; `not_run` is what `failFast` left out. */
  readonly totals: Readonly<Record<TestStatus | "not_run", number>>;
};

/** Every test that there is: those of the marts, in their order, of the reference data, then the checks. Throws Invalid for twins. */
export async function everyTest({ marts, checks, seeds = [] }: Testable): Promise<NamedTest[]> {
  const tests = [...marts.flatMap(testsOfMart), ...seeds.flatMap(testsOfSeed), ...(await testsOfChecks(checks, marts))];
  const names = new Set<string>();
  for (const { name } of tests) {
    if (names.has(name)) throw new Invalid(`Two tests are called ${name}: give one a name of its own.`);
    names.add(name);
  }
  return tests;
}

/** The tests of some marts, and the checks that read one of them. */
export function testsConcerning(tests: readonly NamedTest[], marts: readonly string[]): NamedTest[] {
  return tests.filter((test) =>
    test.origin === "check" ? test.marts.some((name) => marts.includes(name)) : marts.includes(test.mart ?? ""),
  );
}

/**
 * Tests marts at one snapshot and writes the run into the history. What waits to be refreshed is tested as it stands: refresh first.
 * Throws NotFound for a mart in `only` that is none.
 */
export async function runMartTests(pool: pg.Pool, { askedBy, actor, ...run }: MartTestRun): Promise<MartTestOutcome> {
  const unknown = run.only?.find((name) => !run.marts.some((mart) => mart.name === name));
  if (unknown !== undefined) throw new NotFound(`There is no mart "${unknown}".`);
  const every = await everyTest(run);
  const concerned = run.only === undefined ? every : testsConcerning(every, run.only);
  const chosen = run.choose === undefined ? concerned : concerned.filter(run.choose);
  return session(pool, async (db) => {
    const startedAt = await clock(db);
    const { results, ...found } = await within(db, "repeatable read", () => runNow(db, chosen, run));
    const keep = async (): Promise<string> => {
      await forgetOthers(
        db,
        every.map(({ name }) => name),
      );
      return recordRun(db, { askedBy, actor, startedAt, ...found }, results);
    };
    const run_id = run.env === undefined ? await within(db, "read committed", keep) : null;
    const reference = found.reference?.toISOString() ?? null;
    return { run_id, reference, results, totals: totalsOf(results, chosen.length) };
  });
}

type RunNow = Pick<RunTests, "reference" | "where" | "whereElse" | "keep" | "failFast" | "onResult"> & {
  readonly env?: string | undefined;
};

/** Runs tests in the caller's transaction, and says what was their present and what the marts held. */
export async function runNow(
  db: Executor,
  tests: readonly NamedTest[],
  { env, ...run }: RunNow,
): Promise<Pick<TestRun, "reference" | "newest" | "positions"> & { readonly results: readonly TestResult[] }> {
  await db.query("set local jit = off");
  await db.query("set local work_mem = '64MB'");
  const newest = run.reference === undefined ? await newestEvent(db) : undefined;
  const reference = run.reference ?? newest?.at;
  const schema = schemaOf(env);
  const positions = await martPositions(db, schema);
  const stores = await storesOf(db, schema);
  const where = (mart: string): string => run.where?.(mart) ?? stores.get(mart) ?? quoted(`${schema}.${mart}`);
  const results = await runTests(db, tests, { ...run, where, reference: reference ?? null });
  return { results, newest, reference: reference ?? undefined, positions };
}

// What the marts show, behind masks and row policies, which may hold for whoever runs the tests, too. A mart without its view is not there.
async function storesOf(db: Executor, schema: string): Promise<ReadonlyMap<string, string>> {
  const rows = await db.query<{ name: string; store: string }>(
    "select name, store from marts_store.mart where schema = $1 and to_regclass(format('%I.%I', schema, name)) is not null",
    [schema],
  );
  return new Map(rows.map(({ name, store }) => [name, inStore(store)]));
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

/** Now, by the database's clock. */
export async function clock(db: Executor): Promise<string> {
  const [row] = await db.query<{ at: string }>("select to_jsonb(clock_timestamp()) #>> '{}' as at");
  return row?.at ?? "";
}
