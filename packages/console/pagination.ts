import { type Html, html } from "./html.ts";

/** Where one is in a long list and where one can go; leave out what does not exist. */
export type PaginationProps = {
  /** What is listed, for the landmark's name: "Events". */
  readonly label: string;
  /** "101–200 of 4,512". */
  readonly position: string;
  readonly previous?: string | undefined;
  readonly next?: string | undefined;
};

/** Links to the page before and the page after; they work for page numbers and for keyset cursors alike. */
export function pagination({ label, position, previous, next }: PaginationProps): Html {
  return html`<nav class="pagination" aria-label="${`Pages of ${label}`}">
${step("← Previous", "prev", previous)}<span class="pagination-position">${position}</span>${step("Next →", "next", next)}
</nav>`;
}

function step(text: string, rel: string, href: string | undefined): Html {
  if (href === undefined) return html`<span class="button quiet disabled" aria-hidden="true">${text}</span>`;
  return html`<a class="button quiet" rel="${rel}" href="${href}">${text}</a>`;
}
