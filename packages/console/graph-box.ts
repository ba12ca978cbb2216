import type { GraphBox, GraphRow } from "./graph.ts";
import { attributes, type Html, type HtmlValue, html } from "./html.ts";

/** How much room a box needs for its words: between 132 and 300 wide; longer names are cut in their middle. */
export function boxSize({ title, note, rows = [] }: Pick<GraphBox, "title" | "note" | "rows">): {
  readonly width: number;
  readonly height: number;
} {
  const lead = leadOf(rows);
  const widths = [title.length * titleEm, note.length * noteEm, ...rows.map((row) => lead + rowWidth(row))];
  const width = Math.ceil(Math.min(300, Math.max(132, ...widths.map((words) => words + 2 * inset))));
  return { width, height: head + (rows.length === 0 ? 0 : rows.length * rowHeight + 6) };
}

/** The middle of a row's height, from the top of its box; of the head when there is no such row. */
export function rowMiddle({ rows = [] }: Pick<GraphBox, "rows">, key: string | undefined): number {
  const at = rows.findIndex((row) => row.key === key);
  return at < 0 ? head / 2 : head + at * rowHeight + rowHeight / 2;
}

/** One box: a frame with a stripe in its colour, its name and word, and its rows. */
export function graphBox(box: GraphBox): Html {
  const { x, y, width, height, series, stand, rows = [] } = box;
  const names = ["box", series === undefined ? "" : `series-${series}`, stand ?? ""].filter((name) => name !== "").join(" ");
  const frame = html`<rect class="frame-line" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/><rect class="stripe" x="${x}" y="${y + 6}" width="4" height="${head - 12}" rx="2"/>`;
  const words = html`<text class="name" x="${x + inset}" y="${y + 18}">${cut(box.title, width - 2 * inset, titleEm)}</text><text class="note" x="${x + inset}" y="${y + 34}">${cut(box.note, width - 2 * inset, noteEm)}</text>`;
  const top = linked(
    box.href,
    box.tooltip,
    html`<rect class="hit" x="${x}" y="${y}" width="${width}" height="${head}" rx="6"/>${words}`,
  );
  const line = rows.length === 0 ? null : html`<path class="rule" d="${`M${x} ${y + head}h${width}`}"/>`;
  return html`<g${attributes({ class: names, id: stand === "current" ? "focus" : null })}>${frame}${top}${line}${rows.map((row, n) => rowOf(row, x, y + head + n * rowHeight, width, leadOf(rows)))}</g>`;
}

const head = 44;
const rowHeight = 22;
const inset = 13;
const markWidth = 28;

// About as wide as a letter is in the widest of the fonts that browsers choose, by the size of the text.
const titleEm = 8.3;
const noteEm = 6.6;
const rowEm = 7.1;
const typeEm = 6.4;

function rowOf(
  { text, note = "", mark, href, tooltip, stand }: GraphRow,
  x: number,
  y: number,
  width: number,
  lead: number,
): Html {
  const room = width - 2 * inset - lead;
  const noteText = cut(note, room / 2, typeEm);
  const base = y + 15;
  const words = html`<rect class="hit" x="${x + 1}" y="${y}" width="${width - 2}" height="${rowHeight}"/>${mark !== undefined && html`<text class="mark" x="${x + inset}" y="${base}">${mark}</text>`}<text class="column" x="${x + inset + lead}" y="${base}">${cut(text, room - noteText.length * typeEm, rowEm)}</text>${noteText !== "" && html`<text class="type" x="${x + width - inset}" y="${base}">${noteText}</text>`}`;
  return html`<g class="${`row ${stand ?? ""}`.trim()}">${linked(href, tooltip, words)}</g>`;
}

// Marks stand in a column of their own, where a box has any.
function leadOf(rows: readonly GraphRow[]): number {
  return rows.some(({ mark = "" }) => mark !== "") ? markWidth : 0;
}

function linked(href: string | undefined, tooltip: string, content: HtmlValue): Html {
  const title = html`<title>${tooltip}</title>`;
  return href === undefined
    ? html`<g>${title}${content}</g>`
    : html`<a${attributes({ href, "aria-label": tooltip })}>${title}${content}</a>`;
}

function rowWidth({ text, note = "" }: GraphRow): number {
  return text.length * rowEm + (note === "" ? 0 : 14 + note.length * typeEm);
}

// Endings tell names apart as often as beginnings, so it is the middle that goes.
function cut(text: string, room: number, each: number): string {
  const most = Math.max(4, Math.floor(room / each + 0.01));
  if (text.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - end)}…${text.slice(text.length - end)}`;
}
