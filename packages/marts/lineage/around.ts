import { type Direction, type Graph, neighbours } from "./graph.ts";

/** How much of a graph is wanted: steps from the node, and at most so many nodes. */
export type Reach = { readonly depth: number; readonly direction: Direction; readonly nodesMax: number };

/** A part of a graph; `left`: how many nodes within reach were left away because there were too many. */
export type Part = Graph & { readonly left: number };

/** What lies around a node, the nearest first until there are too many, with every edge between what is shown. */
export function around(graph: Graph, focus: string, { depth, direction, nodesMax }: Reach): Part {
  const reached = new Map([[focus, 0]]);
  for (const way of ["upstream", "downstream"] as const) {
    if (direction !== "both" && direction !== way) continue;
    for (const [id, steps] of stepsFrom(graph, focus, way, depth)) reached.set(id, Math.min(steps, reached.get(id) ?? steps));
  }
  const nearest = [...reached].sort(([, a], [, b]) => a - b).map(([id]) => id);
  return { ...within(graph, new Set(nearest.slice(0, nodesMax))), left: Math.max(0, nearest.length - nodesMax) };
}

/** The nodes and the edges between them. */
function within({ nodes, edges }: Graph, ids: ReadonlySet<string>): Graph {
  return {
    nodes: nodes.filter(({ id }) => ids.has(id)),
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
  };
}

function stepsFrom(graph: Graph, focus: string, way: "upstream" | "downstream", depth: number): ReadonlyMap<string, number> {
  const next = neighbours(graph, way);
  const steps = new Map([[focus, 0]]);
  const queue = [focus];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    const far = steps.get(at) ?? 0;
    if (far === depth) continue;
    for (const id of next.get(at) ?? []) {
      if (steps.has(id)) continue;
      steps.set(id, far + 1);
      queue.push(id);
    }
  }
  return steps;
}
