export {
  buildBeside,
  locksOf,
  type MartsBeside,
  refreshBeside,
  refreshBesideWithin,
  swapBeside,
  whereBeside,
} from "./beside.ts";
export { type Accept, type Build, type BuildOptions, buildMarts, RefusedByTests, type Swap } from "./build.ts";
export { type CheckFailure, runChecks } from "./checks.ts";
export { columnsOf, defineMart } from "./define-mart.ts";
export type { MartChange } from "./diff/changes.ts";
export { diffMarts, type MartDiff, martStates } from "./diff/diff-marts.ts";
export type { RowDiff } from "./diff/rows.ts";
export { unifiedDiff } from "./diff/unified.ts";
export { dropEnvironment, environments, schemaOf } from "./environments.ts";
export { givenExpect, type TestRow } from "./given-expect.ts";
export type { MartEnd, MartListener, MartWork, ToldTest } from "./listener.ts";
export { type MartSelect, readMartSelect } from "./mart-select.ts";
export { families, inOrder } from "./order.ts";
export { definitionOf, type Schemas } from "./plan.ts";
export { type Refresh, type RefreshOptions, refreshMarts } from "./refresh.ts";
export { type Built, type Positions, registeredMarts } from "./registry.ts";
export { retireOrphans } from "./retire.ts";
export { domainGraph, testId } from "./select/domain-graph.ts";
export type { SelectionGraph, SelectionNode } from "./select/graph.ts";
export type { SelectionFacts } from "./select/methods.ts";
export { lastResults } from "./select/results.ts";
export { type Asked, factsNeeded, type Selected, selectNodes } from "./select/select.ts";
export { type RefreshRecord, refreshesOf } from "./service/history.ts";
export { lockAll, unlockAll, withShortLocks } from "./session.ts";
export { type MartStatus, martStatus } from "./status.ts";
export { testsBeforeSwap } from "./tests/before-swap.ts";
export type { FailingRow } from "./tests/failing-rows.ts";
export { type NamedTest, testsOfMart, testsOfSeed } from "./tests/named-test.ts";
export {
  everyTest,
  type MartTestOutcome,
  type MartTestRun,
  runMartTests,
  type Testable,
} from "./tests/run-mart-tests.ts";
export { isBad, type RunTests, runTests, type TestResult, type TestStatus } from "./tests/run-tests.ts";
export { refuseBadSeeds } from "./tests/seed-tests.ts";
export {
  type FailingTests,
  failingTests,
  keptRows,
  type TestRunOf,
  type TestStanding,
  testHistory,
  testStandings,
  testsOf,
} from "./tests/standing.ts";
export { type Difference, type Verification, verifyMart } from "./verify.ts";
