import { type TestStanding, testStandings, testsOf } from "@jukebase/marts";
import { testsOfMart } from "@jukebase/marts/tests/named-test.ts";
import type { Check, Executor, Mart } from "@jukebase/platform";

/** A test of a mart, how it last went, and the one column that it is about; undefined when it is about several, or whole rows. */
export type TestLine = TestStanding & { readonly column: string | undefined };

/** The tests of each mart, by its name. */
export async function testLines(db: Executor, marts: readonly Mart[]): Promise<ReadonlyMap<string, readonly TestLine[]>> {
  const columns = new Map(marts.flatMap((mart) => testsOfMart(mart).map(({ name, test }) => [name, columnIn(test)] as const)));
  const lines = (await testStandings(db, { marts, checks: [] })).map((test) => ({ ...test, column: columns.get(test.name) }));
  return Map.groupBy(lines, ({ mart }) => mart ?? "");
}

/** The domains' checks that read a mart, and how they last went. */
export async function checksOn(db: Executor, mart: Mart, checks: readonly Check[]): Promise<readonly TestLine[]> {
  const tests = await testsOf(db, mart, { marts: [mart], checks });
  return tests.filter(({ origin }) => origin === "check").map((test) => ({ ...test, column: undefined }));
}

function columnIn(test: ReturnType<typeof testsOfMart>[number]["test"]): string | undefined {
  if ("column" in test) return test.column;
  return "columns" in test && test.columns.length === 1 ? test.columns[0] : undefined;
}
