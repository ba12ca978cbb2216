import { boxSize, type GraphBox, type GraphProps, graph, type Html, html } from "@jukebase/console";
import type { Graph, LineageNode } from "@jukebase/marts/lineage/graph.ts";
import { layoutOf } from "@jukebase/marts/lineage/layout.ts";
import { kindKeys, nodeKinds } from "./node-kinds.ts";

/** How a graph is drawn: which node it is about, and where each leads. */
export type DrawingOptions = {
  readonly label: string;
  readonly focus?: string | undefined;
  readonly href: (node: LineageNode) => string | undefined;
};

/** The graph as a picture with what its colours mean. */
export async function lineageDrawing(shown: Graph, options: DrawingOptions): Promise<Html> {
  return html`${kindKeys(new Set(shown.nodes.map(({ kind }) => kind)))}${graph(await placedLineage(shown, options))}`;
}

/** The graph, placed and ready to be drawn. */
export async function placedLineage({ nodes, edges }: Graph, { label, focus, href }: DrawingOptions): Promise<GraphProps> {
  const described = nodes.map((node) => ({ node, title: node.name, note: node.note }));
  const placed = await layoutOf({
    boxes: described.map(({ node, ...words }) => ({ id: node.id, ...boxSize(words) })),
    wires: edges,
    between: { boxes: 12, ranks: 56 },
  });
  const places = new Map(placed.boxes.map((box) => [box.id, box]));
  const boxes = described.flatMap(({ node, ...words }): GraphBox[] => {
    const at = places.get(node.id);
    const { title, series } = nodeKinds[node.kind];
    const tooltip = `${title} ${node.name}: ${node.description}`;
    const stand = node.id === focus ? ("current" as const) : undefined;
    return at === undefined ? [] : [{ ...at, ...words, series, href: href(node), tooltip, stand }];
  });
  const wires = placed.wires.map(({ from, to, points }) => {
    const lit = from === focus || to === focus ? ("lit" as const) : undefined;
    return { from: { box: from }, to: { box: to }, points, ends: "arrow" as const, stand: lit };
  });
  return { label, width: placed.width, height: placed.height, boxes: fromLeft(boxes), wires };
}

// The keyboard goes through the columns from left to right, and down in each.
function fromLeft(boxes: readonly GraphBox[]): readonly GraphBox[] {
  return boxes.toSorted((a, b) => a.x - b.x || a.y - b.y);
}
