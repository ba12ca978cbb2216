import type { Jukebase } from "@jukebase/domains/open.ts";
import { isBad, type MartTestRun, martStatus, verifyMart } from "@jukebase/marts";
import { tellingTests } from "@jukebase/marts/tests/telling-tests.ts";
import { pgExecutor } from "@jukebase/platform";
import { actor } from "../actor.ts";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { testListing, testTotals } from "../mart-test-listing.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";

type TestOptions = Selection & { readonly exact?: boolean; readonly storeFailures?: boolean; readonly failFast?: boolean };

/** `jukebase marts test`. */
export const addMartsTest: AddCommand = (command, cli) => {
  const test = command
    .command("test")
    .description("Test the marts as they stand, and the domains' checks; exit code 1 when one fails or cannot be run")
    .option("--exact", "also compare each mart with its definition run from scratch")
    .option("--store-failures", "keep up to 100 failing rows of each test for the console, not 5; personal data is masked")
    .option("--fail-fast", "stop after the first test that fails")
    .option("--env <name>", "the marts of the schema marts_NAME; such a run is not kept");
  withSelection(test, "only what tests these, and of these")
    .addHelpText("after", examples(...used))
    .action(async (options: TestOptions) => {
      const chosen = await selectedMarts(cli, options);
      await withJukebase(cli, (jukebase) => testMarts(cli, jukebase, chosen, options));
    });
};

const used = [
  "marts test",
  "marts test --exact --select fct_sales",
  "marts test --select tag:cash --store-failures",
  "marts test --select result:fail",
];

async function testMarts(
  { terminal, exit }: Cli,
  jukebase: Jukebase,
  { names, every, isTest }: Chosen,
  { exact, storeFailures, failFast, env }: TestOptions,
): Promise<void> {
  const { database, domains, marts, martWork } = jukebase;
  const run: MartTestRun = {
    marts,
    checks: domains.flatMap((domain) => domain.checks),
    seeds: domains.flatMap((domain) => domain.seeds ?? []),
    choose: every ? undefined : ({ name }) => isTest(name),
    env,
    askedBy: "manual",
    actor: actor(),
    failFast: failFast === true,
    ...(storeFailures ? { keep: stored_max } : {}),
    onResult: ({ name }, done, of) => terminal.progress(`Tested ${done} of ${of}: ${name}`),
  };
  const outcome = await martWork.during("marts.test", (listener) => tellingTests(database.pg, run, listener));
  const verified = [];
  for (const name of exact ? names : []) {
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
