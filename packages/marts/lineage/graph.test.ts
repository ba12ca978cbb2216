import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { around } from "./around.ts";
import { findNode, graphOf, neighbours } from "./graph.ts";
import { mermaidOf } from "./mermaid.ts";
import { sampleGraph } from "./sample-graph.ts";
import { type Branch, treeLines, treeOf } from "./tree.ts";

const graph = sampleGraph(60);
const marts = graph.nodes.filter(({ kind }) => kind === "mart");
const anyMart = fc.constantFrom(...marts);

/** The least number of steps to each node in one direction, by trying every edge again and again. */
function distances(from: string, way: "upstream" | "downstream"): ReadonlyMap<string, number> {
  const far = new Map([[from, 0]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const edge of graph.edges) {
      const [at, next] = way === "upstream" ? [edge.to, edge.from] : [edge.from, edge.to];
      const steps = (far.get(at) ?? Number.POSITIVE_INFINITY) + 1;
      if (steps < (far.get(next) ?? Number.POSITIVE_INFINITY)) {
        far.set(next, steps);
        changed = true;
      }
    }
  }
  return far;
}

describe("what lies around a node", () => {
  test("is all within reach and nothing else, with every edge between", () => {
    fc.assert(
      fc.property(anyMart, fc.integer({ min: 0, max: 4 }), ({ id }, depth) => {
        const [up, down] = [distances(id, "upstream"), distances(id, "downstream")];
        const near = graph.nodes.filter((node) => Math.min(up.get(node.id) ?? 99, down.get(node.id) ?? 99) <= depth);
        const ids = new Set(near.map((node) => node.id));
        const part = around(graph, id, { depth, direction: "both", nodesMax: 1000 });
        expect(part.nodes.map((node) => node.id)).toEqual([...ids]);
        expect(part.edges).toEqual(graph.edges.filter(({ from, to }) => ids.has(from) && ids.has(to)));
        expect(part.left).toBe(0);
      }),
    );
  });

  test("is the nearest where there is too much, and says how much is left away", () => {
    const [mart] = marts.slice(-1);
    const id = mart?.id ?? "";
    const all = around(graph, id, { depth: 99, direction: "upstream", nodesMax: 1000 });
    const some = around(graph, id, { depth: 99, direction: "upstream", nodesMax: 5 });
    const far = distances(id, "upstream");
    expect(some.nodes.length + some.left).toBe(all.nodes.length);
    const farthest = Math.max(...some.nodes.map((node) => far.get(node.id) ?? 0));
    const left = all.nodes.filter((node) => !some.nodes.includes(node));
    expect(Math.min(...left.map((node) => far.get(node.id) ?? 0))).toBeGreaterThanOrEqual(farthest);
  });
});

test("a tree tells every node that is reached, and unfolds each once", () => {
  fc.assert(
    fc.property(anyMart, fc.constantFrom("upstream" as const, "downstream" as const), ({ id }, way) => {
      const told = (branches: readonly Branch[]): Branch[] => branches.flatMap((branch) => [branch, ...told(branch.branches)]);
      const all = told(treeOf(graph, id, way));
      const reached = [...distances(id, way).keys()].filter((other) => other !== id);
      const unfolded = all.filter(({ again }) => !again).map(({ node }) => node.id);
      expect(unfolded.toSorted()).toEqual(reached.toSorted());
      expect(all.length).toBe([id, ...reached].reduce((sum, one) => sum + (neighbours(graph, way).get(one)?.length ?? 0), 0));
    }),
  );
});

test("a graph stands in one order, whatever the order in which it is told, each edge once", () => {
  const turned = graphOf(graph.nodes.toReversed(), [...graph.edges.toReversed(), ...graph.edges]);
  expect(turned).toEqual(graph);
});

test("an edge to nothing is refused by its name", () => {
  expect(() => graphOf(marts, [{ from: "table:gone", to: marts[0]?.id ?? "" }])).toThrow("there is no table:gone");
});

test("a node is found by its name, a mart before others; what is not there is told with what is near", () => {
  const twins = graphOf(
    [
      { id: "report:sales", kind: "report", name: "sales", description: "", note: "" },
      { id: "mart:sales", kind: "mart", name: "sales", description: "", note: "" },
    ],
    [],
  );
  expect(findNode(twins, "sales").id).toBe("mart:sales");
  expect(findNode(twins, "report:sales").id).toBe("report:sales");
  expect(() => findNode(graph, "sample_1")).toThrow("Near it: ");
});

test("trees and Mermaid charts are texts", () => {
  const small = graphOf(
    [
      { id: "table:t", kind: "table", name: 's."t"', description: "", note: "" },
      { id: "mart:a", kind: "mart", name: "a", description: "", note: "" },
      { id: "mart:b", kind: "mart", name: "b", description: "", note: "" },
    ],
    [
      { from: "table:t", to: "mart:a" },
      { from: "mart:a", to: "mart:b" },
      { from: "table:t", to: "mart:b" },
    ],
  );
  expect(treeLines(treeOf(small, "mart:b", "upstream"), ({ name }) => name)).toEqual(["├─ a", '│  └─ s."t" (above)', '└─ s."t"']);
  expect(mermaidOf(small)).toBe(
    ["flowchart LR", '  n0["a"]', '  n1["b"]', '  n2[("s.#34;t#34;")]', "  n0 --> n1", "  n2 --> n0", "  n2 --> n1"].join("\n"),
  );
});
