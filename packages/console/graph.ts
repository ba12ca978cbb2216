import { graphStyle } from "./assets.ts";
import { graphBox } from "./graph-box.ts";
import { graphWire } from "./graph-wire.ts";
import { attributes, Html, html } from "./html.ts";

/** A drawing of boxes joined by lines, already placed; all figures are in its own units, which are shown as pixels. */
export type GraphProps = {
  /** What the drawing shows, for screen readers: a list beside it must say the same. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly GraphBox[];
  readonly wires: readonly GraphWire[];
};

/** A box with a name, a word under it, and perhaps rows: the columns of a table. */
export type GraphBox = {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** How far to the right its column reaches: lines bend only from there on, so that they pass behind no box. */
  readonly edge?: number;
  readonly title: string;
  readonly note: string;
  /** Chooses the colour: one of eight, or none. */
  readonly series?: number | undefined;
  readonly href?: string | undefined;
  /** The whole text, shown where the pointer rests and read aloud. */
  readonly tooltip: string;
  /** `current`: what the drawing is about. `faint`: beside the point. */
  readonly stand?: "current" | "faint" | undefined;
  readonly rows?: readonly GraphRow[];
};

/** A row of a box; `mark` stands before it (PK, say), `note` at its end. */
export type GraphRow = {
  readonly key: string;
  readonly text: string;
  readonly note?: string | undefined;
  readonly mark?: string | undefined;
  readonly href?: string | undefined;
  readonly tooltip: string;
  readonly stand?: "current" | "lit" | undefined;
};

/** A line from one box (or row of it) to another, through `points`. */
export type GraphWire = {
  readonly from: { readonly box: string; readonly row?: string | undefined };
  readonly to: { readonly box: string; readonly row?: string | undefined };
  /** Where the line runs between the two boxes. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly dashed?: boolean;
  readonly stand?: "lit" | "faint" | undefined;
  /** How it ends: an arrow at `to`, or the marks of a foreign key (one at `from`, many at `to`). */
  readonly ends: "arrow" | "key";
};

/**
 * Draws the graph as SVG that scrolls in its frame. Every box and row that leads somewhere is a link with a name, reached by the keyboard
 * in the order given; colours and lines come from classes alone.
 */
export function graph(props: GraphProps): Html {
  return html`<section class="graph-scroll" aria-label="${props.label}" tabindex="0">${drawing(props)}</section>`;
}

/** The same as a file of its own, with the colours of the day in it. */
export function graphFile(props: GraphProps): string {
  // The style is our own file, read from disk; no data is in it.
  const style = Html.trusted(`<style>${graphStyle()}</style>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${drawing(props, html`<title>${props.label}</title>${style}`)}\n`;
}

function drawing({ width, height, boxes, wires }: GraphProps, head?: Html): Html {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const lines = wires.map((wire) => graphWire(wire, byId));
  return html`<svg class="graph" xmlns="http://www.w3.org/2000/svg"${attributes(size)}>${head}${lines}${boxes.map(graphBox)}</svg>`;
}
