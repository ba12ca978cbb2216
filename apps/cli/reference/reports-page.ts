import type { Domain, Report } from "@jukebase/platform";
import { type OptionShape, optionsOf } from "../report-flags.ts";
import { code, generated, markdownTable } from "./markdown.ts";

/** The page on every report. */
export function reportsPage(domains: readonly Domain[]): string {
  return ["# Reports", generated, ...domains.flatMap((domain) => domain.reports).map(section)].join("\n\n");
}

function section(report: Report): string {
  const { name, title, description, columns, grains, defaultGrain, filters, marts } = report;
  const options = Object.entries(optionsOf(report));
  return [
    `## ${title}`,
    `${code(`jukebase report ${name}`)}`,
    description,
    `Grains: ${grains.map((grain) => (grain === defaultGrain ? `**${grain}**` : grain)).join(", ")}. Filters: ${filters.map(code).join(", ") || "none"}. Stands on: ${marts.map((mart) => `\`marts.${mart}\``).join(", ")}.`,
    ...(options.length === 0 ? [] : [markdownTable(["option", "values", "default", "meaning"], options.map(optionRow))]),
    markdownTable(
      ["column", "type", "meaning"],
      columns.map((column) => [code(column.name), column.type, column.description]),
    ),
  ].join("\n\n");
}

function optionRow([name, shape]: readonly [string, OptionShape]): string[] {
  return [
    code(name),
    shape.enum?.map(code).join(", ") ?? shape.type ?? "text",
    code(String(shape.default ?? "")),
    shape.description ?? "",
  ];
}
