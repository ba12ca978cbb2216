import { domains } from "@jukebase/domains";
import { contractMarkdown, contractRegistry, describeContract, jsonSchema } from "@jukebase/events";
import { type EventContract, NotFound } from "@jukebase/platform";
import { type CheckOptions, checkFile } from "../check-file.ts";
import { type AddCommand, type Cli, examples } from "../cli.ts";
import { listing } from "../terminal.ts";

/** `jukebase contracts`: what events must look like, and whether a file's events do. Needs no database. */
export const contractsCommand: AddCommand = (program, cli) => {
  const contracts = contractRegistry(domains.flatMap((domain) => domain.events));
  const command = program
    .command("contracts")
    .description("The contracts of events: list them, show one, check a file against them");
  command
    .command("list")
    .description("Every event type with its versions")
    .addHelpText("after", examples("contracts list"))
    .action(() => list(cli, [...contracts.values()]));
  command
    .command("show <type>")
    .description("The fields of one event type, in every version")
    .option("--schema", "print the JSON Schema instead")
    .option("--event-version <n>", "with --schema: of this version instead of the newest", Number)
    .addHelpText("after", examples("contracts show Payment.PaymentReceived", "contracts show Sale.DeviceAllocated --schema"))
    .action((type: string, options: { schema?: boolean; eventVersion?: number }) => show(cli, find(contracts, type), options));
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
};

function list({ terminal }: Cli, contracts: readonly EventContract[]): void {
  const rows = contracts.map(({ type, versions, needs, description }) => ({
    type,
    versions,
    needs: needs.map(({ kind }) => kind),
    description,
  }));
  terminal.answer({ contracts: rows });
  terminal.print(
    listing(
      { type: "text", versions: "text", needs: "text", description: "text" },
      rows.map((row) => ({ ...row, versions: row.versions.join(", "), needs: row.needs.join(", ") })),
    ),
  );
}

function show(
  { terminal }: Cli,
  contract: EventContract,
  { schema, eventVersion }: { schema?: boolean; eventVersion?: number },
): void {
  if (eventVersion !== undefined && !contract.versions.includes(eventVersion)) {
    throw new NotFound(`${contract.type} has no version ${eventVersion}; it has ${contract.versions.join(", ")}.`);
  }
  if (!schema) {
    terminal.answer(describeContract(contract));
    terminal.print(contractMarkdown(contract));
    return;
  }
  terminal.answer(jsonSchema(contract, eventVersion));
  terminal.print(JSON.stringify(jsonSchema(contract, eventVersion), null, 2));
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
