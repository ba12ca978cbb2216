import type { Field } from "@jukebase/platform/field.ts";
import type { Report, ReportParams, ReportRow } from "@jukebase/platform/report.ts";
import { badge, card, notice } from "./blocks.ts";
import { chart } from "./chart.ts";
import { chartsOfRows } from "./chart-rows.ts";
import { exportFormats } from "./export.ts";
import { filterBar } from "./filter-bar.ts";
import { type Choice, dateField, selectField, textField } from "./form.ts";
import { formatNumber, heading } from "./format.ts";
import { attributes, type Html, type HtmlValue, html } from "./html.ts";
import { optionFields } from "./report-options.ts";
import { bareFilters, type ReportView, reportSearch } from "./report-query.ts";
import { sortRows } from "./sort.ts";
import { table } from "./table.ts";

/** A report, how it was asked, and its answer. */
export type ReportPageProps = {
  readonly report: Report;
  readonly params: ReportParams;
  readonly rows: readonly ReportRow[];
  /** Up to where the numbers go, in words. */
  readonly asOf: string;
  /** The page's own path, without query and ending. */
  readonly path: string;
  readonly view?: Pick<ReportView, "sort">;
  /** Known values of filter columns; such a filter becomes a select. */
  readonly choices?: Readonly<Record<string, readonly string[]>>;
  /** Where a cell leads. */
  readonly link?: (field: Field, row: ReportRow) => string | undefined;
  /** The zone used when the query names none. */
  readonly zone?: string;
};

/** Rows shown before the page points to the files, which have them all. */
export const rowsShownMax = 500;

/** The body of a report's page: its rule in words, filters, chart, table, what the columns mean, and the same rows as files. */
export function reportPage(props: ReportPageProps): Html {
  const { report, rows } = props;
  return html`<p class="lead">${report.description}</p>
${reportFilters(props)}
<p class="report-scope">${scope(props)}</p>
${rows.length > 0 && charts(props)}
${card({ title: "Rows", actions: downloads(props), body: reportTable(props) })}
${meanings(report)}`;
}

/** The links to the same question as a file, with the same query. */
export function downloads({ report, params, path, view }: Pick<ReportPageProps, "report" | "params" | "path" | "view">): Html {
  const search = reportSearch(report, params, view?.sort);
  return html`<ul class="downloads" aria-label="Download these rows">${exportFormats.map((format) => html`<li><a class="button quiet small" href="${`${path}.${format}${search}`}" download>${format.toUpperCase()}</a></li>`)}</ul>`;
}

function reportFilters({ report, params, path, view, choices, zone = "UTC" }: ReportPageProps): Html {
  const sort = view?.sort;
  const grains: readonly Choice[] = report.grains.map((grain) => ({ value: grain, label: heading(grain) }));
  const fields = html`${dateField({ name: "from", label: "From", value: params.from })}${dateField({ name: "to", label: "To", value: params.to })}
${grains.length > 1 && selectField({ name: "grain", label: "Grain", value: params.grain ?? report.defaultGrain, choices: grains })}
${bareFilters(report).map((name) => filterField(name, params.where[name], choices?.[name]))}`;
  const more = html`${optionFields(report, params.options)}${textField({ name: "tz", label: "Time zone", value: params.tz, placeholder: zone, hint: "An IANA name; instants are shown in it." })}`;
  const search = reportSearch(report, params);
  const moreOpen = params.tz !== undefined || reportSearch(report, { ...params, options: {} }) !== search;
  const keep = sort ? { sort: `${sort.descending ? "-" : ""}${sort.column}` } : {};
  return filterBar({
    action: path,
    label: `Filters of ${report.title}`,
    fields,
    more,
    moreOpen,
    keep,
    clear: search === "" ? undefined : path,
  });
}

function filterField(name: string, value: string | undefined, choices: readonly string[] | undefined): Html {
  const props = { name, label: heading(name), value };
  if (!choices) return textField({ ...props, placeholder: "Any" });
  const listed = value === undefined || choices.includes(value) ? choices : [value, ...choices];
  return selectField({
    ...props,
    choices: [{ value: "", label: "Any" }, ...listed.map((choice) => ({ value: choice, label: choice }))],
  });
}

function scope({ params, asOf, zone = "UTC", rows }: ReportPageProps): HtmlValue {
  const range =
    params.from === undefined && params.to === undefined
      ? "all dates"
      : `${params.from ?? "the beginning"} to ${params.to ?? "the latest"}, both included`;
  const filters = Object.entries(params.where).map(([name, value]) => html` ${badge(`${heading(name)}: ${value}`, "info")}`);
  return html`<span>${formatNumber(String(rows.length))} ${rows.length === 1 ? "row" : "rows"} · ${range} · ${params.tz ?? zone} · as of ${asOf}</span>${filters}`;
}

function charts({ report, rows }: ReportPageProps): HtmlValue {
  if (!report.chart) return null;
  const drawings = chartsOfRows({
    id: `chart-${report.name}`,
    title: report.title,
    chart: report.chart,
    fields: report.columns,
    rows,
  });
  return drawings.map((drawing) => card({ body: chart(drawing) }));
}

function reportTable({ report, params, path, rows, view, link, zone = "UTC" }: ReportPageProps): Html {
  const shown = sortRows(report.columns, rows, view?.sort).slice(0, rowsShownMax);
  const rest =
    rows.length > shown.length
      ? notice({
          tone: "info",
          title: `The first ${shown.length} of ${formatNumber(String(rows.length))} rows`,
          next: "The files have all of them, in the same order.",
        })
      : null;
  return html`${rest}${table({
    caption: report.title,
    captionHidden: true,
    fields: report.columns,
    rows: shown,
    sort: { current: view?.sort, href: (sort) => `${path}${reportSearch(report, params, sort)}` },
    ...(link ? { link } : {}),
    empty: html`No row answers this question as it is asked. <a${attributes({ href: path })}>Clear the filters</a> or widen the dates.`,
    tz: params.tz ?? zone,
  })}`;
}

function meanings({ columns }: Report): Html {
  return html`<details class="meanings"><summary>What the columns mean</summary><dl class="glossary">${columns.map(({ name, description }) => html`<div><dt>${heading(name)} <code>${name}</code></dt><dd>${description}</dd></div>`)}</dl></details>`;
}
