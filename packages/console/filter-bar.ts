import { hiddenFields } from "./form.ts";
import { type Html, type HtmlValue, html } from "./html.ts";

/** Filters whose state is the URL: a GET form, so that a reload, a bookmark and a shared link show the same. */
export type FilterBarProps = {
  readonly action: string;
  readonly label: string;
  readonly fields: HtmlValue;
  /** Rarer fields, folded away until asked for; `moreOpen` shows them at once, because one of them is set. */
  readonly more?: HtmlValue;
  readonly moreOpen?: boolean;
  /** What of the present URL goes along unseen: the sort order, say. */
  readonly keep?: Readonly<Record<string, string>>;
  /** The URL without any filter; left out when none is set. */
  readonly clear?: string | undefined;
};

/** The bar over a list or report: fields, "Apply" and "Clear". */
export function filterBar({ action, label, fields, more, moreOpen = false, keep = {}, clear }: FilterBarProps): Html {
  return html`<form class="filter-bar" method="get" action="${action}" role="search" aria-label="${label}">
${hiddenFields(keep)}<div class="filter-fields">${fields}
<div class="filter-actions"><button type="submit" class="button primary">Apply</button>${clear !== undefined && html`<a class="button quiet" href="${clear}">Clear</a>`}</div></div>
${more !== undefined && more !== null && folded(more, moreOpen)}</form>`;
}

function folded(more: HtmlValue, open: boolean): Html {
  const fields = html`<div class="filter-fields">${more}</div>`;
  return open
    ? html`<details class="filter-more" open><summary>More filters</summary>${fields}</details>`
    : html`<details class="filter-more"><summary>More filters</summary>${fields}</details>`;
}
