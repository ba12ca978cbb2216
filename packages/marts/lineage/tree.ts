import { type Graph, type LineageNode, neighbours } from "./graph.ts";

/** A node and what lies beyond it. `again`: it was told further up, so that what lies beyond it is not repeated. */
export type Branch = { readonly node: LineageNode; readonly again: boolean; readonly branches: readonly Branch[] };

/** What a node stands on (or what stands on it) as a tree: every node is unfolded once, where it comes first. */
export function treeOf(
  graph: Graph,
  focus: string,
  direction: "upstream" | "downstream",
  depth = Number.POSITIVE_INFINITY,
): Branch[] {
  const next = neighbours(graph, direction);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const told = new Set([focus]);
  const below = (id: string, left: number): Branch[] => {
    if (left === 0) return [];
    const found = (next.get(id) ?? []).flatMap((other) => nodes.get(other) ?? []);
    const fresh = found.map((node) => ({ node, again: told.has(node.id) }));
    for (const { node } of fresh) told.add(node.id);
    return fresh.map(({ node, again }) => ({ node, again, branches: again ? [] : below(node.id, left - 1) }));
  };
  return below(focus, depth);
}

/** A tree as lines with rules in front, as a terminal shows it. */
export function treeLines(branches: readonly Branch[], text: (node: LineageNode) => string, before = ""): string[] {
  return branches.flatMap(({ node, again, branches: deeper }, n) => {
    const last = n === branches.length - 1;
    const line = `${before}${last ? "└─ " : "├─ "}${text(node)}${again ? " (above)" : ""}`;
    return [line, ...treeLines(deeper, text, `${before}${last ? "   " : "│  "}`)];
  });
}
