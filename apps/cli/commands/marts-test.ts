import type { Jukebase } from "@jukebase/domains/open.ts";
import { runChecks, verifyMart } from "@jukebase/marts";
import { pgExecutor } from "@jukebase/platform";
import { type AddCommand, type Cli, examples, withJukebase } from "../cli.ts";
import { type Chosen, type Selection, selectedMarts, withSelection } from "../marts-selection.ts";

type TestOptions = Selection & { readonly exact?: boolean };

/** `jukebase marts test`. */
export const addMartsTest: AddCommand = (command, cli) => {
  const test = command
    .command("test")
    .description("Run every domain's checks; exit code 1 when one finds a row")
    .option("--exact", "also compare each mart with its definition run from scratch");
  withSelection(test, "only what tests these, and of these")
    .addHelpText("after", examples("marts test", "marts test --exact --select fct_sales", "marts test --select tag:cash"))
    .action(async ({ exact = false, ...selection }: TestOptions) => {
      const chosen = await selectedMarts(cli, selection);
      await withJukebase(cli, (jukebase) => testMarts(cli, jukebase, chosen, exact));
    });
};

async function testMarts(cli: Cli, { database, domains }: Jukebase, chosen: Chosen, exact: boolean): Promise<void> {
  const checks = domains.flatMap((domain) => domain.checks).filter(({ name }) => chosen.isTest(name));
  const failures = await runChecks(pgExecutor(database.pg), checks);
  const verified = [];
  if (exact) for (const name of chosen.names) verified.push(await verifyMart(database.pg, name));
  const inexact = verified.filter(({ missing, unexpected }) => missing + unexpected > 0);
  cli.terminal.answer({ checks: checks.length, failures, exact: verified });
  for (const { name } of checks) cli.terminal.print(`${failures.some((failure) => failure.name === name) ? "✗" : "✓"} ${name}`);
  for (const { name, rows, error, examples: found } of failures) {
    cli.terminal.print(`${name}: ${error ?? `${rows} rows, for example ${JSON.stringify(found[0])}`}`);
  }
  for (const { name, missing, unexpected } of verified) {
    cli.terminal.print(
      missing + unexpected === 0
        ? `✓ ${name} is exact`
        : `✗ ${name}: ${missing} rows missing, ${unexpected} unexpected; try: jukebase marts refresh`,
    );
  }
  cli.terminal.print(`${checks.length - failures.length} of ${checks.length} checks hold.`);
  if (failures.length + inexact.length > 0) cli.exit(1);
}
