import type { GraphBox, GraphWire } from "./graph.ts";
import { rowMiddle } from "./graph-box.ts";
import { type Html, html } from "./html.ts";

type Point = { readonly x: number; readonly y: number };
type Boxes = ReadonlyMap<string, GraphBox>;

/** One line, from the side of a box (at the height of its row) to the side of another, with what stands at its ends. */
export function graphWire(wire: GraphWire, boxes: Boxes): Html {
  const [from, to] = [boxes.get(wire.from.box), boxes.get(wire.to.box)];
  if (from === undefined || to === undefined) return html``;
  const names = ["wire", wire.dashed ? "dashed" : "", wire.stand ?? ""].filter((name) => name !== "").join(" ");
  const [start, end] = ends(from, to, wire);
  const way =
    from === to ? loop(start, end) : curve([...leaving(from, start), ...wire.points.slice(1, -1), ...leaving(to, end).reverse()]);
  return html`<g class="${names}"><path class="line" d="${way}"/>${wire.ends === "arrow" ? arrow(end) : key(start, end)}</g>`;
}

type End = Point & { /** Which way the line leaves the box. */ readonly out: 1 | -1 };

function ends(from: GraphBox, to: GraphBox, wire: GraphWire): readonly [End, End] {
  const forward = from === to || from.x + from.width <= to.x;
  const right = (box: GraphBox, row: string | undefined): End => ({
    x: box.x + box.width,
    y: box.y + rowMiddle(box, row),
    out: 1,
  });
  const left = (box: GraphBox, row: string | undefined): End => ({ x: box.x, y: box.y + rowMiddle(box, row), out: -1 });
  if (from === to) return [right(from, wire.from.row), right(to, wire.to.row)];
  return forward ? [right(from, wire.from.row), left(to, wire.to.row)] : [left(from, wire.from.row), right(to, wire.to.row)];
}

// Straight on to the edge of the column, where a wider box stands above or beneath.
function leaving({ edge = 0 }: GraphBox, end: End): Point[] {
  return end.out === 1 && edge > end.x ? [end, { x: edge, y: end.y }] : [end];
}

function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  const parts = rest.map(({ x, y }, n) => {
    const before = points[n] ?? first;
    const half = tenth((before.x + x) / 2);
    return `C${half} ${before.y} ${half} ${y} ${x} ${y}`;
  });
  return `M${first.x} ${first.y}${parts.join("")}`;
}

function loop(start: Point, end: Point): string {
  const out = start.x + 36;
  return `M${start.x} ${start.y}C${out} ${start.y} ${out} ${end.y} ${end.x} ${end.y}`;
}

function arrow({ x, y, out }: End): Html {
  return html`<path class="tip" d="${`M${x} ${y}l${8 * out} -4v8z`}"/>`;
}

// One row there, any number of rows here: a bar, and a crow's foot.
function key(start: End, end: End): Html {
  const bar = `M${start.x + 8 * start.out} ${start.y - 5}v10`;
  const foot = `M${end.x + 10 * end.out} ${end.y}L${end.x} ${end.y - 5}M${end.x + 10 * end.out} ${end.y}L${end.x} ${end.y + 5}`;
  return html`<path class="line" d="${bar}"/><path class="line" d="${foot}"/>`;
}

function tenth(length: number): number {
  return Math.round(length * 10) / 10;
}
