import { type Html, html } from "./html.ts";

/** A key figure: what it is, what it is now, how it moved, and where its rows are. All texts are already formatted. */
export type StatProps = {
  readonly label: string;
  readonly value: string;
  readonly unit?: string;
  /** `good` colours it; direction alone says nothing about that (costs going up are not good). */
  readonly delta?: { readonly text: string; readonly direction: "up" | "down" | "flat"; readonly good?: boolean };
  readonly note?: string;
  readonly href?: string;
};

/** One key-figure card. */
export function stat({ label, value, unit, delta, note, href }: StatProps): Html {
  const name = href === undefined ? label : html`<a class="stat-link" href="${href}">${label}</a>`;
  return html`<div class="stat"><p class="stat-label">${name}</p>
<p class="stat-value">${unit !== undefined && html`<span class="stat-unit">${unit}</span> `}${value}</p>
${delta && change(delta)}${note !== undefined && html`<p class="stat-note">${note}</p>`}</div>`;
}

/** A row of key figures that wraps on narrow screens. */
export function stats(cards: readonly StatProps[]): Html {
  return html`<div class="stats">${cards.map(stat)}</div>`;
}

function change({ text, direction, good }: NonNullable<StatProps["delta"]>): Html {
  const tone = good === undefined ? "" : good ? " good" : " bad";
  const arrow = { up: "▲", down: "▼", flat: "■" }[direction];
  const word = { up: "up", down: "down", flat: "unchanged" }[direction];
  return html`<p class="${`stat-delta${tone}`}"><span aria-hidden="true">${arrow}</span><span class="visually-hidden">${word}</span> ${text}</p>`;
}
