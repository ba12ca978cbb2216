import { Invalid } from "@jukebase/platform/errors.ts";
import type { Grain, Report, ReportParams } from "@jukebase/platform/report.ts";
import { businessBound } from "./business-date.ts";
import { optionDefaults, parseOptions } from "./report-options.ts";
import type { Sort } from "./sort.ts";

/** What a URL or a command line says, by name; a name given several times is a list. */
export type Query = Readonly<Record<string, unknown>>;

/** What only the showing of rows depends on. */
export type ReportView = { readonly sort: Sort | undefined /** A byte order mark before CSV. */; readonly bom: boolean };

/**
 * Reads a report's parameters from a query: `from`, `to` (dates, both included; or timestamps on a midnight, half-open), `grain`,
 * `tz`, `where=column=value` or `column=value` for the report's filters, and the report's own options. Blank values count as not
 * given. Everything else is Invalid and names what is known. `zone` is the installation's, in which midnights are judged.
 */
export function parseReportQuery(report: Report, query: Query, zone = "UTC"): ReportParams {
  refuseUnknown(report, query);
  const from = businessBound("from", one(query, "from"), zone);
  const to = businessBound("to", one(query, "to"), zone);
  if (from !== undefined && to !== undefined && from > to)
    throw new Invalid(`the range ends (${to}) before it begins (${from}); both ends are included`);
  return {
    from,
    to,
    grain: grain(report, one(query, "grain")),
    tz: timeZone(one(query, "tz")),
    where: where(report, query),
    options: parseOptions(report, query),
  };
}

/** Reads what the page and the files share besides the parameters: the order of rows (`sort=column`, `sort=-column`) and `bom`. */
export function parseReportView(report: Report, query: Query): ReportView {
  const text = one(query, "sort");
  const column = text?.replace(/^-/, "");
  const names = report.columns.map(({ name }) => name);
  if (column !== undefined && !names.includes(column))
    throw new Invalid(`${report.name} can't be sorted by "${column}"; its columns are ${names.join(", ")}`);
  return {
    sort: column === undefined ? undefined : { column, descending: text?.startsWith("-") ?? false },
    bom: ["1", "true"].includes(one(query, "bom") ?? ""),
  };
}

/** The canonical query string ("" or "?…") that reads back as the same parameters and order; what is the default is left out. */
export function reportSearch(report: Report, params: ReportParams, sort?: Sort): string {
  const search = new URLSearchParams();
  const defaults = optionDefaults(report);
  const { from, to, tz, where: filters, options } = params;
  const named = { from, to, grain: params.grain === report.defaultGrain ? undefined : params.grain, tz };
  for (const [name, value] of Object.entries(named)) if (value !== undefined) search.append(name, value);
  for (const [name, value] of filterPairs(report, filters)) search.append(name, value);
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && value !== null && value !== defaults[name]) search.append(name, String(value));
  if (sort) search.append("sort", `${sort.descending ? "-" : ""}${sort.column}`);
  return search.size === 0 ? "" : `?${search}`;
}

const reserved = ["from", "to", "grain", "tz", "where", "sort", "bom"];

/** A query that lists a filter beside an option of that name means the option; the filter is then reached by `where=`. */
export function bareFilters(report: Report): readonly string[] {
  return report.filters.filter((name) => !reserved.includes(name) && !(name in report.options.shape));
}

function refuseUnknown(report: Report, query: Query): void {
  const known = [...reserved, ...bareFilters(report), ...Object.keys(report.options.shape)];
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Invalid(
      `${report.name} has no parameter ${unknown.map((name) => `"${name}"`).join(", ")}; it knows ${known.join(", ")}`,
    );
}

function one(query: Query, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new Invalid(`${name} can be given once, as text`);
  return value.trim() === "" ? undefined : value.trim();
}

function grain(report: Report, text: string | undefined): Grain {
  const found = text === undefined ? report.defaultGrain : report.grains.find((known) => known === text);
  if (found === undefined) throw new Invalid(`${report.name} has no grain "${text}"; choose one of ${report.grains.join(", ")}`);
  return found;
}

function timeZone(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const complaint = `tz "${text}" is no IANA time zone; write one like UTC or Europe/Rome`;
  if (/^[+-]/.test(text)) throw new Invalid(complaint);
  try {
    return new Intl.DateTimeFormat("en", { timeZone: text }).resolvedOptions().timeZone;
  } catch (cause) {
    throw new Invalid(complaint, { cause });
  }
}

function where(report: Report, query: Query): Readonly<Record<string, string>> {
  const bare = bareFilters(report).flatMap((name) => {
    const value = one(query, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const pairs = [...wherePairs(query.where), ...bare];
  for (const [column] of pairs) {
    if (!report.filters.includes(column))
      throw new Invalid(`${report.name} can't be filtered by "${column}"; ${filterList(report)}`);
    if (pairs.filter(([other]) => other === column).length > 1) throw new Invalid(`${column} is filtered twice; give one value`);
  }
  return Object.fromEntries(pairs);
}

function wherePairs(given: unknown): readonly (readonly [string, string])[] {
  const list = given === undefined || given === null || given === "" ? [] : Array.isArray(given) ? given : [given];
  return list.map((text: unknown) => {
    const [, column, value] = (typeof text === "string" ? /^([^=]+)=(.*)$/s.exec(text) : null) ?? [];
    if (column === undefined || value === undefined)
      throw new Invalid("where is written column=value, and may be given several times");
    return [column.trim(), value.trim()] as const;
  });
}

function filterList({ filters }: Report): string {
  return filters.length === 0 ? "it has no filters" : `its filters are ${filters.join(", ")}`;
}

function filterPairs(report: Report, filters: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  const bare = bareFilters(report);
  // Empty values and names taken by options can only be said through `where`.
  return Object.entries(filters).map(([name, value]) =>
    bare.includes(name) && value !== "" ? [name, value] : ["where", `${name}=${value}`],
  );
}
