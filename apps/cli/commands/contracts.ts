import { domains } from "@jukebase/domains";
import { contractRegistry, logEvents } from "@jukebase/events";
import { type EventContract, NotFound } from "@jukebase/platform";
import type { Command } from "commander";
import { type CheckOptions, checkFile } from "../check-file.ts";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { listContracts, type ShowOptions, showContract } from "../contract-listing.ts";
import { contractMode, type ModeOptions } from "../contract-modes.ts";
import { diffContracts, releaseContracts } from "../contract-release.ts";

/** `jukebase contracts`: what events must look like, whether a file's events do, and how contracts change. */
export const contractsCommand: AddCommand = (program, cli) => {
  const contracts = contractRegistry([...domains.flatMap((domain) => domain.events), ...logEvents]);
  const command = program
    .command("contracts")
    .description("The contracts of events: list them, show one, check a file against them");
  command
    .command("list")
    .description("Every event type with its versions")
    .addHelpText("after", examples("contracts list"))
    .action(() => listContracts(cli, [...contracts.values()]));
  command
    .command("show <type>")
    .description("The fields of one event type in every version, its modes, and who reads it")
    .option("--schema", "print the JSON Schema instead")
    .option("--event-version <version>", "with --schema: of this version (2 or 2-0-1) instead of the newest")
    .addHelpText("after", examples("contracts show Payment.PaymentReceived", "contracts show Sale.DeviceAllocated --schema"))
    .action((type: string, options: ShowOptions) => showContract(cli, find(contracts, type), options));
  command
    .command("check <file>")
    .description("Judge the events of a file (or of standard input: -) without loading them; exit code 1 when any is broken")
    .option("--type <type>", "the type of bare bodies, which do not say one")
    .option("--format <format>", "ndjson, json, csv or fixed; told from the file when left out")
    .option("--mapping <file>", "what the columns of a CSV or fixed-width file mean")
    .addHelpText(
      "after",
      examples("contracts check events.ndjson", "contracts check payments.json --type Payment.PaymentReceived"),
    )
    .action((file: string, options: CheckOptions) => check(cli, contracts, file, options));
  addEvolution(command, cli);
};

function addEvolution(command: Command, cli: Cli): void {
  command
    .command("mode [type]")
    .description("Show or set what becomes of that which a contract does not foresee; audited, and in force within two seconds")
    .option("--all", "of all types that say nothing themselves")
    .option("--tables <mode>", "a type without a contract: evolve, freeze, discard_row, discard_value; usual takes it back")
    .option("--columns <mode>", "a field that the contract does not name: likewise")
    .option("--data-type <mode>", "a value that breaks its field's rule: likewise")
    .option("--why <text>", "the reason, for the audit log")
    .addHelpText(
      "after",
      examples(
        "contracts mode Payment.PaymentReceived",
        'contracts mode Payment.PaymentReceived --columns freeze --data-type discard_value --why "the till is being repaired"',
        "contracts mode --all --columns usual",
      ),
    )
    .action((type: string | undefined, options: ModeOptions) => contractMode(cli, type, options));
  command
    .command("diff")
    .description("What changed since the contracts were released, field by field; exit code 5 when it may not be released so")
    .option("--against <file|revision>", "another release, or the one that a git revision holds")
    .addHelpText("after", examples("contracts diff", "contracts diff --against v1.4.0 --json"))
    .action((options: { against?: string }) => diffContracts(cli, options));
  command
    .command("release")
    .description("Write down what the contracts promise from now on; refused while they break the last release")
    .option("--file <file>", "keep the promise in another file than the repository's")
    .addHelpText("after", examples("contracts release", "contracts release --file contracts-of-today.json"))
    .action((options: { file?: string }) => releaseContracts(cli, options));
}

async function check(
  cli: Cli,
  contracts: ReadonlyMap<string, EventContract>,
  file: string,
  options: CheckOptions,
): Promise<void> {
  const found = await checkFile(contracts, file, options);
  cli.terminal.answer(found);
  for (const { line, type, issues } of found.broken) {
    for (const issue of issues)
      cli.terminal.print(`line ${line}${type ? ` (${type})` : ""}: ${issue.path} ${issue.rule} [${issue.code}]`);
  }
  const unlisted = found.counts.broken - found.broken.length;
  if (unlisted > 0) cli.terminal.print(`… and ${unlisted} more.`);
  cli.terminal.print(`${found.counts.read} read = ${found.counts.sound} sound + ${found.counts.broken} broken`);
  if (found.counts.broken > 0) cli.exit(1);
}

function find(contracts: ReadonlyMap<string, EventContract>, type: string): EventContract {
  const contract = contracts.get(type);
  if (contract === undefined) throw new NotFound(`There is no contract "${type}". Known: ${[...contracts.keys()].join(", ")}.`);
  return contract;
}
