import type { Jukebase } from "@jukebase/domains/open.ts";
import { isBad, martStatus, runMartTests, verifyMart } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { actor } from "../actor.ts";
import type { Cli } from "../cli.ts";
import { testListing, testTotals } from "../mart-test-listing.ts";

/** What `jukebase marts test` may be told. */
export type TestOptions = { readonly exact?: boolean; readonly storeFailures?: boolean; readonly failFast?: boolean };

/** Tests the marts named (all that there are, when undefined) and says how it went; exit code 1 when a test fails or cannot be run. */
export async function testMarts(
  { terminal, exit }: Cli,
  jukebase: Jukebase,
  only: readonly string[] | undefined,
  { exact, storeFailures, failFast }: TestOptions,
): Promise<void> {
  const { database, domains, marts } = jukebase;
  const outcome = await runMartTests(database.pg, {
    marts,
    checks: domains.flatMap((domain) => domain.checks),
    only,
    askedBy: "manual",
    actor: actor(),
    failFast: failFast === true,
    ...(storeFailures ? { keep: stored_max } : {}),
    onResult: ({ name }, done, of) => terminal.progress(`Tested ${done} of ${of}: ${name}`),
  });
  const verified = [];
  for (const name of exact ? (only ?? marts.map((mart) => mart.name)) : []) {
    terminal.progress(`Computing ${name} from scratch`);
    verified.push(await verifyMart(database.pg, name));
  }
  const { run_id, reference, results, totals } = outcome;
  terminal.answer({ run_id, reference, totals, tests: results, exact: verified });
  for (const line of testListing(results)) terminal.print(line);
  for (const { name, missing, unexpected } of verified) {
    terminal.print(
      missing + unexpected === 0
        ? `✓ ${name} is exact`
        : `✗ ${name}: ${missing} rows missing, ${unexpected} unexpected; try: jukebase marts refresh`,
    );
  }
  terminal.print(testTotals(outcome));
  const isWrong = results.some(isBad) || verified.some(({ missing, unexpected }) => missing + unexpected > 0);
  if (isWrong) for (const name of await late(jukebase)) terminal.print(`${name} waits for a refresh, and may only be late.`);
  if (isWrong) exit(1);
}

// Between a mart that is up to date and one that is not, references may lead nowhere for a moment.
async function late({ database }: Jukebase): Promise<string[]> {
  return (await martStatus(pgExecutor(database.pg))).filter(({ waiting }) => waiting > 0).map(({ name }) => name);
}

/** With `--store-failures`, so many failing rows of each test are kept. */
const stored_max = 100;
