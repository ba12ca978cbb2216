import { bareFilters } from "@jukebase/console/report-query.ts";
import { Invalid, type Report } from "@jukebase/platform";
import { type Command, Option } from "commander";
import { z } from "zod";

/** What the command line said of a report: the common flags, and the report's own by camel-cased name. */
export type ReportFlags = {
  readonly where?: readonly string[];
  readonly set?: readonly string[];
  readonly format?: string;
  readonly out?: string;
  readonly [flag: string]: unknown;
};

/** Gives a command the flags of a report: bounds, grain and filters that all have, and the options of this one. */
export function addReportFlags(command: Command, report: Report): Command {
  command
    .option("--from <date>", "first business day")
    .option("--to <date>", "last business day, included")
    .addOption(
      new Option("--grain <grain>", `one row per stretch of time (default: ${report.defaultGrain})`).choices(report.grains),
    )
    .option("--tz <zone>", "the IANA zone in which instants are shown")
    .option("--where <column=value>", `keep only these rows; columns: ${report.filters.join(", ") || "none"}`, gather)
    .option("--sort <column>", "order by a column; -column for descending")
    .option("--set <option=value>", "a report's option by its own name", gather);
  for (const [name, shape] of Object.entries(optionsOf(report))) command.addOption(flagOf(name, shape));
  for (const name of bareFilters(report)) command.option(`--${kebab(name)} <value>`, `keep only rows with this ${name}`);
  return command
    .addOption(new Option("--format <format>", "how to answer").choices(["table", "csv", "json", "xlsx"]))
    .option("--out <file>", "write to a file; its ending tells the format");
}

/** The flags as the query that page and API would send. Throws `Invalid` for an option set twice. */
export function queryOf(report: Report, flags: ReportFlags): Record<string, unknown> {
  const own = [...Object.keys(optionsOf(report)), ...bareFilters(report)];
  const flagged = ["from", "to", "grain", "tz", "sort", ...own].map((name) => [name, flags[camel(name)]] as const);
  const set = (flags.set ?? []).map(pair);
  const given = [...flagged.filter(([, value]) => value !== undefined), ...set];
  const twice = given.find(([name], at) => given.findIndex(([other]) => other === name) !== at);
  if (twice !== undefined) throw new Invalid(`${twice[0]} is given twice.`);
  return { ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])), where: [...(flags.where ?? [])] };
}

/** An option as its JSON Schema describes it. */
export type OptionShape = {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
};

/** The options of a report, by name. */
export function optionsOf({ options }: Report): Readonly<Record<string, OptionShape>> {
  return (z.toJSONSchema(options, { io: "output", unrepresentable: "any" }).properties ?? {}) as Record<string, OptionShape>;
}

function flagOf(name: string, { type, enum: words, default: usual, description = name }: OptionShape): Option {
  if (type === "boolean") return new Option(`--${kebab(name)}`, description);
  const option = new Option(
    `--${kebab(name)} <${words ? words.join("|") : "value"}>`,
    `${description}${usual === undefined ? "" : ` (default: ${String(usual)})`}`,
  );
  return words ? option.choices(words) : option;
}

function gather(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}

function pair(text: string): readonly [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Invalid(`--set is written option=value, not "${text}".`);
  return [name.trim().replaceAll("-", "_"), value];
}

const kebab = (name: string): string => name.replaceAll("_", "-");
const camel = (name: string): string => name.replaceAll(/[_-](\w)/g, (_, letter: string) => letter.toUpperCase());
