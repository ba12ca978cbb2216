import type { Executor } from "@jukebase/platform/executor.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { Accept } from "../build.ts";
import { literal } from "../quote.ts";
import { within } from "../session.ts";
import { publicly } from "./compile.ts";
import { recordRun } from "./record-run.ts";
import { clock, everyTest, runNow, type Testable, testsConcerning } from "./run-mart-tests.ts";
import { isBad, type TestResult } from "./run-tests.ts";

/**
 * Tests marts that are about to be put in place, and the checks that read them, over what is not in service yet: for `accept` of a build.
 * A mart without any row is not tested: a new installation has nothing to be wrong. The run is kept as one of a build unless `keep` is
 * false; one that refuses the build says nothing of the marts that serve on.
 */
export function testsBeforeSwap(
  of: Testable,
  { keep = true, actor }: { readonly keep?: boolean; readonly actor?: string } = {},
): Accept {
  return async (db, changed, where) => {
    const startedAt = await clock(db);
    const { results, ...found } = await within(db, "repeatable read", async () => {
      const tests = testsConcerning(await everyTest(of), await withRows(db, changed, where));
      return runNow(db, tests, { where: (mart) => where("marts", mart), whereElse: where });
    });
    const bad = results.filter(isBad);
    const run = { askedBy: "build", actor, startedAt, ...found } as const;
    if (keep && results.length > 0) await within(db, "read committed", () => recordRun(db, run, results, bad.length === 0));
    return bad.map(inALine);
  };
}

async function withRows(db: Executor, marts: readonly Mart[], where: Parameters<Accept>[2]): Promise<string[]> {
  const asked = marts.map(
    ({ name }) => `select ${literal(name)} as name where exists (select from ${where("marts", name) ?? publicly(name)})`,
  );
  return (await db.query<{ name: string }>(asked.join("\nunion all\n"))).map(({ name }) => name);
}

function inALine({ name, error, rows, examples: [example] }: TestResult): string {
  return `${name}: ${error ?? `${rows} rows, for example ${JSON.stringify(example)}`}`;
}
