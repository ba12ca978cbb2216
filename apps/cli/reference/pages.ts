import { domains } from "@jukebase/domains";
import { jsonSchema } from "@jukebase/events";
import type { Command } from "commander";
import { commandsPage } from "./commands-page.ts";
import { configPage } from "./config-page.ts";
import { contractsPage } from "./contracts-page.ts";
import { martsPage } from "./marts-page.ts";
import { reportsPage } from "./reports-page.ts";

/** Every generated page and schema: path from the project's folder → text. */
export function referencePages(program: Command): ReadonlyMap<string, string> {
  const pages = {
    contracts: contractsPage(domains),
    reports: reportsPage(domains),
    marts: martsPage(domains),
    cli: commandsPage(program),
    config: configPage(),
  };
  const texts = Object.entries(pages).map(([name, text]) => [`docs/reference/${name}.md`, `${text.trimEnd()}\n`] as const);
  return new Map([...texts, ...schemas()]);
}

function schemas(): (readonly [string, string])[] {
  return domains
    .flatMap((domain) => domain.events)
    .flatMap((contract) => contract.versions.map((version) => [contract, version] as const))
    .map(([contract, version]) => [
      `docs/reference/schemas/${contract.type}.v${version}.json`,
      `${JSON.stringify(jsonSchema(contract, version), null, 2)}\n`,
    ]);
}
