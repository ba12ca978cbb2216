import type { Graph, NodeKind } from "./graph.ts";

/** The graph in Mermaid's language, for pages that draw it: a flowchart from left to right, one shape for each kind of node. */
export function mermaidOf({ nodes, edges }: Graph): string {
  const places = new Map(nodes.map(({ id }, n) => [id, `n${n}`]));
  const boxes = nodes.map(({ id, kind, name }) => {
    const [open, close] = shapes[kind];
    return `  ${places.get(id)}${open}"${escaped(name)}"${close}`;
  });
  const arrows = edges.map(({ from, to }) => `  ${places.get(from)} --> ${places.get(to)}`);
  return ["flowchart LR", ...boxes, ...arrows].join("\n");
}

const shapes: Readonly<Record<NodeKind, readonly [string, string]>> = {
  event: [">", "]"],
  projection: ["{{", "}}"],
  table: ["[(", ")]"],
  seed: ["[(", ")]"],
  mart: ["[", "]"],
  report: ["([", "])"],
  page: ["([", "])"],
  exposure: ["([", "])"],
};

function escaped(text: string): string {
  return text.replace(/["&<>#;]/g, (character) => `#${character.charCodeAt(0)};`);
}
