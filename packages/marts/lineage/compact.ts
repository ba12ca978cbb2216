import type { Box, Placed, Point } from "./place.ts";

/**
 * Draws a placed graph together: boxes keep their columns and their order from top to bottom, and come as near to those they are joined
 * with as the gaps allow. Dagre keeps lines straight at the price of empty space, which large graphs cannot afford.
 */
export function compact(placed: Drawn, gap: number): Drawn {
  const items = itemsOf(placed, gap);
  const columns = [...Map.groupBy(items, ({ x }) => x).entries()].sort(([a], [b]) => a - b).map(([, column]) => column);
  for (const column of columns)
    settle(
      column.sort((a, b) => a.y - b.y),
      () => 0,
    );
  for (let sweep = 0; sweep < 6; sweep += 1) {
    const [way, order] = sweep % 2 === 0 ? (["left", columns] as const) : (["right", columns.toReversed()] as const);
    for (const column of order) settle(column, (item) => mean(item[way].map(({ y }) => y)));
  }
  return redrawn(placed, items);
}

type Drawn = Pick<Placed, "boxes" | "wires">;

/** A box, or a point in which a line bends, by the left edge of its column and its middle's height; `left` and `right` are what it is joined with in the columns beside it. */
type Item = {
  readonly x: number;
  y: number;
  readonly half: number;
  readonly gap: number;
  left: Item[];
  right: Item[];
  readonly key: string;
};

function itemsOf({ boxes, wires }: Drawn, gap: number): Item[] {
  const item = (key: string, { x, y }: Point, half: number, own: number): Item => ({
    key,
    x,
    y,
    half,
    gap: own,
    left: [],
    right: [],
  });
  const middles = new Map(boxes.map((box) => [box.id, item(box.id, middle(box), box.height / 2, gap)]));
  const bends = wires.flatMap(({ from, to, points }) => {
    const between = points.slice(1, -1).map((point, n) => item(bendKey(from, to, n), point, 0, gap / 3));
    const row = [middles.get(from), ...between, middles.get(to)].filter((one) => one !== undefined);
    for (const [n, one] of row.entries()) {
      const next = row[n + 1];
      if (next === undefined) continue;
      one.right.push(next);
      next.left.push(one);
    }
    return between;
  });
  return [...middles.values(), ...bends];
}

// Least squares under a fixed order and least distances: neighbours that would overlap move as one block to their common mean.
function settle(column: readonly Item[], wanted: (item: Item) => number | undefined): void {
  const blocks: { start: number; sum: number; items: { item: Item; offset: number }[] }[] = [];
  for (const item of column) {
    blocks.push({ start: 0, sum: (wanted(item) ?? item.y) - item.half, items: [{ item, offset: 0 }] });
    for (let last = blocks.length - 1; last >= 0; last -= 1) {
      const [block, before] = [blocks[last], blocks[last - 1]];
      if (block === undefined) break;
      block.start = block.sum / block.items.length;
      if (before === undefined || before.start + room(before.items) <= block.start) break;
      const shift = room(before.items);
      for (const one of block.items) before.items.push({ item: one.item, offset: one.offset + shift });
      before.sum += block.sum - shift * block.items.length;
      blocks.pop();
    }
  }
  for (const { start, items } of blocks) for (const { item, offset } of items) item.y = start + offset + item.half;
}

function room(items: readonly { readonly item: Item; readonly offset: number }[]): number {
  const last = items.at(-1);
  return last === undefined ? 0 : last.offset + last.item.half * 2 + last.item.gap;
}

function redrawn({ boxes, wires }: Drawn, items: readonly Item[]): Drawn {
  const heights = new Map(items.map(({ key, y }) => [key, y]));
  const at = (key: string): number => heights.get(key) ?? 0;
  const lines = wires.map((wire) => ({
    ...wire,
    points: wire.points.map(({ x }, n) => {
      const end = n === 0 ? wire.from : n === wire.points.length - 1 ? wire.to : bendKey(wire.from, wire.to, n - 1);
      return { x, y: at(end) };
    }),
  }));
  return { boxes: boxes.map((box) => ({ ...box, y: at(box.id) - box.height / 2 })), wires: lines };
}

function bendKey(from: string, to: string, n: number): string {
  return `${from}\n${to}\n${n}`;
}

function middle({ x, y, height }: Box & Point): Point {
  return { x, y: y + height / 2 };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
