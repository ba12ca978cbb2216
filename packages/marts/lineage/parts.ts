import { layoutOf } from "./layout.ts";
import type { Box, Placed, Placing, Point } from "./place.ts";

/**
 * Places what is joined together each for itself, and these parts side by side in rows of at most `width`: the largest first, single boxes
 * last. For drawings most of whose boxes are joined with nothing.
 */
export async function layoutOfParts(placing: Placing, width: number): Promise<Placed> {
  const placed = await Promise.all(partsOf(placing).map(layoutOf));
  const gap = placing.between.boxes;
  const rows: { readonly parts: (Placed & Point)[]; readonly y: number }[] = [];
  for (const part of placed) {
    const row = rows.at(-1);
    const last = row?.parts.at(-1);
    const x = last === undefined ? 0 : last.x + last.width + gap;
    if (row !== undefined && x + part.width <= width) row.parts.push({ ...part, x, y: row.y });
    else {
      const y = row === undefined ? 0 : row.y + Math.max(...row.parts.map(({ height }) => height)) + gap;
      rows.push({ parts: [{ ...part, x: 0, y }], y });
    }
  }
  return together(rows.flatMap(({ parts }) => parts));
}

function partsOf({ boxes, wires, between }: Placing): Placing[] {
  const part = new Map(boxes.map(({ id }) => [id, new Set([id])]));
  for (const { from, to } of wires) {
    const joined = new Set([...(part.get(from) ?? []), ...(part.get(to) ?? [])]);
    for (const id of joined) part.set(id, joined);
  }
  const parts = [...new Set(part.values())].map((ids) => ({
    boxes: boxes.filter(({ id }) => ids.has(id)),
    wires: wires.filter(({ from }) => ids.has(from)),
    between,
  }));
  const tallest = (own: readonly Box[]): number => Math.max(...own.map(({ height }) => height));
  return parts.sort((a, b) => b.boxes.length - a.boxes.length || tallest(b.boxes) - tallest(a.boxes));
}

function together(parts: readonly (Placed & Point)[]): Placed {
  const moved = (point: Point, by: Point): Point => ({ x: point.x + by.x, y: point.y + by.y });
  return {
    width: Math.max(0, ...parts.map(({ x, width }) => x + width)),
    height: Math.max(0, ...parts.map(({ y, height }) => y + height)),
    boxes: parts.flatMap((part) => part.boxes.map((box) => ({ ...box, ...moved(box, part), edge: box.edge + part.x }))),
    wires: parts.flatMap((part) =>
      part.wires.map((wire) => ({ ...wire, points: wire.points.map((point) => moved(point, part)) })),
    ),
  };
}
