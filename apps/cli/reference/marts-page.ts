import { columnsOf, testsOfMart } from "@jukebase/marts";
import type { Domain, Mart } from "@jukebase/platform";
import { code, generated, markdownTable } from "./markdown.ts";

/** The page on every mart. */
export function martsPage(domains: readonly Domain[]): string {
  const intro =
    "Each is a view in schema `marts`: stable names, documented columns, exact at the position it records. How fresh each is, `marts.mart_freshness` says; how BI tools read them, [this page](../how-to/bi.md).";
  return ["# Marts", generated, intro, ...domains.flatMap((domain) => domain.marts).map(section)].join("\n\n");
}

function section(mart: Mart): string {
  const { name, kind, description, grain, owner, key, reads, freshness_s } = mart;
  const facts = `Grain: ${grain} Key: ${key.map(code).join(", ")}. Kind: ${kind}. Owner: ${owner}. Stale after ${freshness_s} s of waiting.`;
  const columns = markdownTable(
    ["column", "row type", "meaning"],
    columnsOf(mart).map((column) => [code(column.name), typeOf(mart, column.name), column.description]),
  );
  const reading = `Reads: ${Object.keys(reads).sort().map(code).join(", ")}.`;
  return [`## ${name}`, description, facts, reading, ...hidden(mart), columns, tested(mart)].join("\n\n");
}

function tested(mart: Mart): string {
  const others = testsOfMart(mart).filter(({ origin }) => origin !== "key");
  const lines = others.map(({ words, severity, test }) => {
    const holds = test.test === "expression" ? code(words) : words;
    return `- ${holds}${severity === "warn" ? " (warns)" : ""}`;
  });
  return [`Tested: the key is unique and never null${lines.length === 0 ? "." : "; further"}`, ...lines].join("\n");
}

function hidden({ sensitive = {}, visibleTo = {} }: Mart): string[] {
  const masked = Object.keys(sensitive).map(code);
  const groups = Object.keys(visibleTo).map(code);
  return [
    ...(masked.length === 0 ? [] : [`Masked for readers that may not see persons: ${masked.join(", ")}.`]),
    ...(groups.length === 0 ? [] : [`Shows these groups some of its rows: ${groups.join(", ")}.`]),
  ];
}

function typeOf({ row }: Mart, column: string): string {
  const shape = row.shape[column] as
    | { readonly def?: { readonly type?: string; readonly innerType?: { readonly def?: { readonly type?: string } } } }
    | undefined;
  const type = shape?.def?.type;
  return type === "nullable" || type === "optional" ? `${shape?.def?.innerType?.def?.type ?? ""}, may be empty` : (type ?? "");
}
