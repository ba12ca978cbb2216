import { consumersInWords, consumersOf } from "@jukebase/domains/consumers.ts";
import { contractMarkdown } from "@jukebase/events";
import type { Domain } from "@jukebase/platform";
import { generated } from "./markdown.ts";

/** The page on every event type. */
export function contractsPage(domains: readonly Domain[]): string {
  const contracts = domains.flatMap((domain) => domain.events);
  const links = contracts.map(({ type, versions }) => {
    const schemas = versions.map((version) => `[v${version}](schemas/${type}.v${version}.json)`);
    return `- \`${type}\`: JSON Schema ${schemas.join(", ")}`;
  });
  return [
    "# Contracts",
    generated,
    links.join("\n"),
    ...contracts.map((contract) => contractMarkdown(contract, consumersInWords(consumersOf(domains, contract.type)))),
  ].join("\n\n");
}
