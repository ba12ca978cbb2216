import type { Executor } from "@jukebase/platform/executor.ts";
import { codeOf } from "../session.ts";
import { compileTest, failsWhen, type Ground, inOnePass, relationOf } from "./compile.ts";
import type { NamedTest } from "./named-test.ts";

/** How many rows a test finds, or why it could not be run; a test that shared a pass with others took its share of the time. */
export type Count = { readonly rows: number; readonly duration_ms: number; readonly error?: string };

/** Tests that are counted together: those of one mart that look at each row by itself, or a single one. */
export function passes(tests: readonly NamedTest[]): NamedTest[][] {
  const grouped = Map.groupBy(tests, (test) =>
    inOnePass.has(test.test.test) ? `rows of ${test.mart ?? `seed ${test.seed}`}` : `alone ${test.name}`,
  );
  return [...grouped.values()];
}

/**
 * Counts the failing rows of tests that share a pass: one scan for all. In the caller's transaction: what fails is undone to a savepoint;
 * when the shared scan fails, each test is counted by itself, so that one that cannot be run stops no other.
 */
export async function countRows(db: Executor, tests: readonly NamedTest[], ground: Ground): Promise<Count[]> {
  const [test, ...others] = tests;
  if (test === undefined) return [];
  if (others.length === 0) return [await countAlone(db, test, ground)];
  const started = performance.now();
  const together = await attempt(db, test, () => countTogether(db, test, others, ground));
  if (typeof together !== "string") {
    const duration_ms = Math.round((performance.now() - started) / tests.length);
    return together.map((rows) => ({ rows, duration_ms }));
  }
  const counts: Count[] = [];
  for (const each of tests) counts.push(await countAlone(db, each, ground));
  return counts;
}

/** Runs a test's `work`; when it fails, undoes it and answers with the reason. In the caller's transaction. */
export async function attempt<T>(db: Executor, test: NamedTest, work: () => Promise<T>): Promise<T | string> {
  await db.query("savepoint before_test");
  try {
    const answer = await work();
    await db.query("release savepoint before_test");
    return answer;
  } catch (failure) {
    await db.query("rollback to savepoint before_test");
    await db.query("release savepoint before_test");
    return reasonOf(failure as Error, test);
  }
}

// The server likes to quote the value that it could not work with, which nobody may see when the mart holds sensitive ones.
function reasonOf(failure: Error, { masks }: NamedTest): string {
  const code = codeOf(failure);
  if (Object.keys(masks).length === 0 || saysNoValue.has(code.slice(0, 2))) return failure.message;
  return `the server could not work with a value (SQLSTATE ${code}); what it said is withheld, because it may show sensitive data`;
}

// SQLSTATE classes: connection, feature not supported, transaction rollback, syntax or access rule, resources, limits, state, intervention.
const saysNoValue = new Set(["08", "0A", "40", "42", "53", "54", "55", "57"]);

async function countAlone(db: Executor, test: NamedTest, ground: Ground): Promise<Count> {
  const started = performance.now();
  const found = await attempt(db, test, () =>
    db.query<{ rows: string }>(`select count(*)::text as rows from (\n${compileTest(test, ground)}\n) as failing`),
  );
  const duration_ms = Math.round(performance.now() - started);
  return typeof found === "string" ? { rows: 0, duration_ms, error: found } : { rows: Number(found[0]?.rows ?? 0), duration_ms };
}

async function countTogether(db: Executor, test: NamedTest, others: readonly NamedTest[], ground: Ground): Promise<number[]> {
  const name = test.mart ?? test.seed ?? "";
  const tests = [test, ...others];
  const counts = tests.map((one, n) => `count(*) filter (where ${failsWhen(name, one.test, ground)}) as rows_${n}`);
  const [found = {}] = await db.query<Record<string, string>>(`select ${counts.join(",\n")}\nfrom ${relationOf(test, ground)}`);
  return tests.map((_, n) => Number(found[`rows_${n}`]));
}
