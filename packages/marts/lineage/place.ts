import { Graph as DagreGraph, type EdgeLabel, layout, type NodeLabel } from "@dagrejs/dagre";
import { compact } from "./compact.ts";

/** Something to be placed; sizes in the units of the drawing. */
export type Box = { readonly id: string; readonly width: number; readonly height: number };

/** A line to be drawn from one box to another. */
export type Wire = { readonly from: string; readonly to: string };

/** A point of a drawing. */
export type Point = { readonly x: number; readonly y: number };

/** A box by its upper left corner; `edge`: how far to the right the boxes of its column reach. */
export type PlacedBox = Box & Point & { readonly edge: number };

/** Boxes in their places, wires with the points they go through, and the size of it all. */
export type Placed = {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly PlacedBox[];
  readonly wires: readonly (Wire & { readonly points: readonly Point[] })[];
};

/** What is to be placed, and how far apart. */
export type Placing = {
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  readonly between: { readonly boxes: number; readonly ranks: number };
};

/** Places boxes from left to right, what stands on others at their right. The same boxes and wires always come to the same places. */
export function place({ boxes, wires, between }: Placing): Placed {
  const graph = new DagreGraph<object, NodeLabel, EdgeLabel>();
  // The exact ranking takes a second from some hundred boxes on; the other differs by little.
  const ranker = boxes.length > exactMost ? "tight-tree" : "network-simplex";
  // Turned to run from left to right, the top of a rank is its left edge: boxes stand in columns that the eye can follow.
  const turned = { rankdir: "LR", rankalign: "top" } as const;
  graph.setGraph({ ...turned, nodesep: between.boxes, ranksep: between.ranks, edgesep: 8, ranker });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const { from, to } of wires) graph.setEdge(from, to, {});
  layout(graph);
  const placed = inColumns(boxes.map((box) => ({ ...box, ...corner(graph.node(box.id)) })));
  const lines = wires.map((wire) => ({ ...wire, points: bends(graph.edge(wire.from, wire.to).points ?? []) }));
  const drawn = { boxes: placed, wires: lines };
  return framed(boxes.length > looseMost ? compact(drawn, between.boxes) : drawn);
}

const exactMost = 60;
const looseMost = 30;

// Between neighbouring columns a line needs no point in its middle.
function bends(points: readonly Point[]): readonly Point[] {
  const [first, last] = [points[0], points.at(-1)];
  const kept = points.length === 3 && first !== undefined && last !== undefined ? [first, last] : points;
  return kept.map(rounded);
}

// Around everything: a line may run further down than the lowest box.
function framed({ boxes, wires }: Pick<Placed, "boxes" | "wires">): Placed {
  const ends = boxes.flatMap(({ x, y, width, height }) => [
    { x, y },
    { x: x + width, y: y + height },
  ]);
  const points = [...ends, ...wires.flatMap((wire) => wire.points)];
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const moved = <P extends Point>(point: P): P => ({
    ...point,
    x: tenth(point.x - left + margin),
    y: tenth(point.y - top + margin),
  });
  return {
    width: tenth(right - left + 2 * margin),
    height: tenth(bottom - top + 2 * margin),
    boxes: boxes.map((box) => ({ ...moved(box), edge: tenth(box.edge - left + margin) })),
    wires: wires.map((wire) => ({ ...wire, points: wire.points.map(moved) })),
  };
}

function extent(values: readonly number[]): [number, number] {
  return values.reduce<[number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [values[0] ?? 0, values[0] ?? 0],
  );
}

const margin = 8;

function inColumns(boxes: readonly (Box & Point)[]): PlacedBox[] {
  const edges = new Map<number, number>();
  for (const { x, width } of boxes) edges.set(x, Math.max(edges.get(x) ?? 0, x + width));
  return boxes.map((box) => ({ ...box, edge: edges.get(box.x) ?? box.x + box.width }));
}

function corner({ x = 0, y = 0, width, height }: NodeLabel): Point {
  return rounded({ x: x - width / 2, y: y - height / 2 });
}

function rounded({ x, y }: Point): Point {
  return { x: tenth(x), y: tenth(y) };
}

function tenth(length: number): number {
  return Math.round(length * 10) / 10;
}
