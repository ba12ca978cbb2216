import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layoutOf } from "./layout.ts";
import { layoutOfParts } from "./parts.ts";
import { type Placed, type Placing, place } from "./place.ts";
import { sampleGraph } from "./sample-graph.ts";

function placing(marts: number, height = 44): Placing {
  const { nodes, edges } = sampleGraph(marts);
  const boxes = nodes.map(({ id }, n) => ({ id, width: 140 + (n % 5) * 20, height: height + (n % 3) * 22 }));
  return { boxes, wires: edges, between: { boxes: 12, ranks: 56 } };
}

function overlapping({ boxes }: Placed): string[] {
  return boxes.flatMap((a, n) =>
    boxes
      .slice(n + 1)
      .filter((b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.id} ${b.id}`),
  );
}

describe("a placed graph", () => {
  test("has no two boxes over one another, each at the right of what it stands on, all within its size", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 28 }), (marts) => {
        const placed = place(placing(marts));
        const at = new Map(placed.boxes.map((box) => [box.id, box]));
        expect(overlapping(placed)).toEqual([]);
        for (const { from, to, points } of placed.wires) {
          const [left, right] = [at.get(from), at.get(to)];
          expect((left?.edge ?? 0) < (right?.x ?? 0)).toBe(true);
          expect(points.every(({ x, y }) => x >= 0 && y >= 0 && x <= placed.width && y <= placed.height)).toBe(true);
        }
        for (const { x, y, width, height } of placed.boxes) {
          expect(x >= 0 && y >= 0 && x + width <= placed.width && y + height <= placed.height).toBe(true);
        }
      }),
      { numRuns: 10 },
    );
  });

  test("is the same each time", () => {
    expect(place(placing(30))).toEqual(place(placing(30)));
  });

  test("with very many boxes is placed in a thread, once, as compact as its fullest column asks for", async () => {
    const large = placing(60);
    const placed = await layoutOf(large);
    expect(overlapping(placed)).toEqual([]);
    expect(await layoutOf(placing(60))).toBe(placed);
    const columns = [...Map.groupBy(placed.boxes, ({ x }) => x).values()];
    const fullest = Math.max(...columns.map((column) => column.reduce((sum, { height }) => sum + height + 12, 0)));
    expect(placed.height).toBeLessThan(2 * fullest);
  });
});

test("parts that are not joined stand side by side within the width, and over nothing", async () => {
  const chain = ["a", "b", "c"].map((id) => ({ id, width: 150, height: 100 }));
  const single = Array.from({ length: 12 }, (_, n) => ({ id: `single-${n}`, width: 140 + n * 5, height: 40 + n * 30 }));
  const wires = [
    { from: "a", to: "b" },
    { from: "b", to: "c" },
  ];
  const placed = await layoutOfParts({ boxes: [...chain, ...single], wires, between: { boxes: 20, ranks: 60 } }, 700);
  expect(placed.boxes.length).toBe(15);
  expect(overlapping(placed)).toEqual([]);
  expect(placed.width).toBeLessThanOrEqual(700);
  expect(placed.wires.map(({ from, to }) => `${from}${to}`)).toEqual(["ab", "bc"]);
});
