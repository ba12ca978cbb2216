import type { Seed } from "@jukebase/platform/domain.ts";
import { Invalid } from "@jukebase/platform/errors.ts";
import type { Executor } from "@jukebase/platform/executor.ts";
import { testsOfSeed } from "./named-test.ts";
import { isBad, runTests } from "./run-tests.ts";

/** Tests reference data that was just loaded, in the transaction that loaded it. Throws Invalid, naming the file, when a test fails. */
export async function refuseBadSeeds(db: Executor, seeds: readonly Seed[]): Promise<void> {
  for (const seed of seeds) {
    const bad = (await runTests(db, testsOfSeed(seed), { reference: null })).find(isBad);
    if (bad === undefined) continue;
    const found = bad.error ?? `${bad.rows} rows, for example ${JSON.stringify(bad.examples[0])}`;
    throw new Invalid(`db/seeds/${seed.name}.csv: the test ${bad.name} fails: ${found}`);
  }
}
