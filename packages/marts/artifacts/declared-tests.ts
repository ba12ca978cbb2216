import type { Seed } from "@jukebase/platform/domain.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { MartTest } from "@jukebase/platform/mart-test.ts";
import { compileTest, publicGround } from "../tests/compile.ts";
import { type NamedTest, testsOfMart, testsOfSeed } from "../tests/named-test.ts";

/** A test of the rows of a mart, or of a seed, as artifacts tell it. */
export type ProjectTest = Pick<NamedTest, "name" | "words" | "severity" | "warnFrom" | "errorFrom"> & {
  /** What it is of: `marts.fct_sales`, `seeds.rules`. */
  readonly relation: string;
  readonly test: MartTest;
  /** The SELECT of the failing rows, over public names. */
  readonly sql: string;
};

/** All that is tested of marts and seeds: their keys, what they declare, what they refer to. */
export function projectTests(marts: readonly Mart[], seeds: readonly Seed[]): ProjectTest[] {
  return [...marts.flatMap(testsOfMart), ...seeds.flatMap(testsOfSeed)].flatMap(projectTest);
}

function projectTest(of: NamedTest): ProjectTest[] {
  const { test, mart, seed, name, words, severity, warnFrom, errorFrom } = of;
  if (test.test === "check") return [];
  const relation = mart === undefined ? `seeds.${seed}` : `marts.${mart}`;
  return [{ name, words, severity, warnFrom, errorFrom, relation, test, sql: compileTest(of, publicGround(undefined)) }];
}
