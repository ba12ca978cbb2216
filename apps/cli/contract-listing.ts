import { domains } from "@jukebase/domains";
import { consumersInWords, consumersOf } from "@jukebase/domains/consumers.ts";
import { contractMarkdown, describeContract, jsonSchema, readVersion } from "@jukebase/events";
import { type EventContract, NotFound } from "@jukebase/platform";
import type { Cli } from "./cli.ts";
import { modesHere, modesInWords } from "./contract-modes.ts";
import { listing } from "./terminal.ts";

/** `jukebase contracts list`: every type with the full names of its versions, and its modes. */
export async function listContracts(cli: Cli, contracts: readonly EventContract[]): Promise<void> {
  const modes = await modesHere(cli);
  const rows = contracts.map(({ type, versions, details, needs, description }) => ({
    type,
    versions,
    schemavers: versions.map((version) => details(version).schemaver),
    needs: needs.map(({ kind }) => kind),
    modes: modes?.(type),
    description,
  }));
  cli.terminal.answer({ contracts: rows });
  const shown = rows.map(({ schemavers, needs, modes: set, ...row }) => ({
    ...row,
    versions: schemavers.join(", "),
    needs: needs.join(", "),
    modes: set && modesInWords(set),
  }));
  const shownModes: Record<string, "text"> = modes === undefined ? {} : { modes: "text" };
  cli.terminal.print(listing({ type: "text", versions: "text", needs: "text", ...shownModes, description: "text" }, shown));
}

/** What of a contract to show: its fields in all versions, or the JSON Schema of one. */
export type ShowOptions = { readonly schema?: boolean; readonly eventVersion?: string };

/** `jukebase contracts show`: the fields of one type in every version, its modes, and who reads it; or a JSON Schema. */
export async function showContract(cli: Cli, contract: EventContract, { schema, eventVersion }: ShowOptions): Promise<void> {
  const version = eventVersion === undefined ? undefined : versionOf(contract, eventVersion);
  if (schema) {
    cli.terminal.answer(jsonSchema(contract, version));
    cli.terminal.print(JSON.stringify(jsonSchema(contract, version), null, 2));
    return;
  }
  const consumers = consumersOf(domains, contract.type);
  const modes = (await modesHere(cli))?.(contract.type);
  cli.terminal.answer({ ...describeContract(contract), consumers, modes });
  cli.terminal.print(contractMarkdown(contract, consumersInWords(consumers)));
  if (modes) cli.terminal.print(`\nModes: ${modesInWords(modes)}.`);
}

function versionOf(contract: EventContract, named: string): number {
  const version = readVersion(contract, named);
  if (version !== undefined) return version;
  const known = contract.versions.map((each) => contract.details(each).schemaver).join(", ");
  throw new NotFound(`${contract.type} has no version ${named}; it has ${known}.`);
}
