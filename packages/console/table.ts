import type { Field } from "@jukebase/platform/field.ts";
import type { ReportRow } from "@jukebase/platform/report.ts";
import { type CellValue, currencyOf, formatValue, heading, instantOf, isNumeric } from "./format.ts";
import { attributes, type Html, type HtmlValue, html } from "./html.ts";
import type { Sort } from "./sort.ts";

/** A table of described columns. */
export type TableProps = {
  readonly caption: string;
  /** Hides the caption from sight where a heading beside it says the same; screen readers still have it. */
  readonly captionHidden?: boolean;
  readonly fields: readonly Field[];
  readonly rows: readonly ReportRow[];
  /** Makes headers links: `href` gives the page sorted by a column. */
  readonly sort?: { readonly current: Sort | undefined; readonly href: (sort: Sort) => string };
  /** Where a cell leads; undefined for a cell that leads nowhere. */
  readonly link?: (field: Field, row: ReportRow) => string | undefined;
  /** Replaces a cell's text, for a badge or a button; undefined leaves it as it is. */
  readonly cell?: (field: Field, row: ReportRow) => HtmlValue;
  /** What to say, and what to do next, when there is no row. */
  readonly empty: HtmlValue;
  /** IANA zone in which timestamps are shown; UTC when left out. */
  readonly tz?: string;
};

/** A scrollable, printable table with a caption, header scopes, exact numbers at the right and an empty state. */
export function table(props: TableProps): Html {
  const { caption, captionHidden = false, fields, rows, empty } = props;
  if (rows.length === 0) return html`<div class="empty" role="status"><p class="empty-title">${caption}</p><p>${empty}</p></div>`;
  return html`<section class="table-scroll" aria-label="${caption}" tabindex="0">
<table class="table">
<caption${attributes({ class: captionHidden && "visually-hidden" })}>${caption}</caption>
<thead><tr>${fields.map((field) => header(field, props))}</tr></thead>
<tbody>
${rows.map((row) => html`<tr>${fields.map((field) => bodyCell(field, row, props))}</tr>\n`)}</tbody>
</table>
</section>`;
}

function header(field: Field, { sort }: TableProps): Html {
  const marks = { scope: "col", class: isNumeric(field) ? "number" : null, title: field.description };
  if (!sort) return html`<th${attributes(marks)}>${heading(field.name)}</th>`;
  const current = sort.current?.column === field.name ? sort.current : undefined;
  const target = sort.href({ column: field.name, descending: current ? !current.descending : isNumeric(field) });
  const order = current ? (current.descending ? "descending" : "ascending") : null;
  const arrow = current ? html`<span class="sort-mark" aria-hidden="true">${current.descending ? "↓" : "↑"}</span>` : null;
  return html`<th${attributes({ ...marks, "aria-sort": order })}><a href="${target}">${heading(field.name)}${arrow}</a></th>`;
}

function bodyCell(field: Field, row: ReportRow, props: TableProps): Html {
  const value = row[field.name];
  const own = props.cell?.(field, row);
  const content = own ?? cellContent(field, value, row, props);
  const target = props.link?.(field, row);
  return html`<td${attributes({ class: cellClass(field, value) })}>${target === undefined ? content : html`<a href="${target}">${content}</a>`}</td>`;
}

function cellContent(field: Field, value: CellValue, row: ReportRow, { fields, tz }: TableProps): HtmlValue {
  if (value === null || value === undefined)
    return html`<span class="nothing"><span aria-hidden="true">–</span><span class="visually-hidden">none</span></span>`;
  const text = formatValue(field, value, row, tz);
  if (field.type === "timestamp") return html`<time datetime="${instantOf(value).toString()}">${text}</time>`;
  if (field.type === "uuid") return html`<code class="id">${text}</code>`;
  const currency = field.type === "money" && !fields.some(({ name }) => name === "currency") ? currencyOf(row) : undefined;
  return currency === undefined ? text : html`<span class="unit">${currency}</span> ${text}`;
}

/** From so many characters on a text is prose, and gets room for more than a word a line. */
const sentence = 40;

function cellClass(field: Field, value: CellValue): string | null {
  if (field.type === "date" || field.type === "timestamp") return "moment";
  if (!isNumeric(field)) return typeof value === "string" && value.length > sentence ? "long" : null;
  return String(value).startsWith("-") ? "number negative" : "number";
}
