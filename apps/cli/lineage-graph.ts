import { consoleGraph } from "@jukebase/admin/marts/console-graph.ts";
import { placedLineage } from "@jukebase/admin/marts/lineage-drawing.ts";
import { graphFile } from "@jukebase/console";
import { domains } from "@jukebase/domains";
import { around } from "@jukebase/marts/lineage/around.ts";
import { type Direction, findNode, type Graph, type LineageNode, neighbours } from "@jukebase/marts/lineage/graph.ts";
import { mermaidOf } from "@jukebase/marts/lineage/mermaid.ts";
import { treeLines, treeOf } from "@jukebase/marts/lineage/tree.ts";

/** What is asked of the lineage, as the command's options say it. */
export type LineageAsked = {
  readonly name: string | undefined;
  readonly column?: string;
  readonly upstream?: boolean;
  readonly downstream?: boolean;
  readonly depth?: number;
  readonly format: "tree" | "json" | "svg" | "mermaid";
};

/** An answer for programs, and the text for people or for a file. */
export type LineageAnswer = { readonly value: object; readonly text: string };

/** The lineage of a node, or the whole of it: from source alone, no database is asked. Throws NotFound for an unknown name. */
export async function graphAnswer(asked: LineageAsked): Promise<LineageAnswer> {
  const whole = consoleGraph(domains);
  const focus = asked.name === undefined ? undefined : findNode(whole, asked.name);
  const reach = { depth: depthOf(asked), direction: directionOf(asked), nodesMax: Number.POSITIVE_INFINITY };
  const { nodes, edges } = focus === undefined ? whole : around(whole, focus.id, reach);
  const value = { focus: focus?.id ?? null, nodes, edges };
  return { value, text: await textOf({ nodes, edges }, focus, asked, value) };
}

/** The way that was asked for. */
export function directionOf({ upstream, downstream }: LineageAsked): Direction {
  return upstream ? "upstream" : downstream ? "downstream" : "both";
}

/** How many steps were asked for. */
export function depthOf({ depth }: LineageAsked): number {
  return depth ?? Number.POSITIVE_INFINITY;
}

async function textOf(graph: Graph, focus: LineageNode | undefined, asked: LineageAsked, value: object): Promise<string> {
  switch (asked.format) {
    case "json":
      return JSON.stringify(value, null, 2);
    case "mermaid":
      return mermaidOf(graph);
    case "svg": {
      const label = focus === undefined ? "The whole lineage" : `Lineage around ${focus.name}`;
      return graphFile(await placedLineage(graph, { label, focus: focus?.id, href: () => undefined }));
    }
    case "tree":
      return focus === undefined ? listOf(graph) : treesOf(graph, focus, directionOf(asked));
  }
}

function treesOf(graph: Graph, focus: LineageNode, direction: Direction): string {
  const side = (title: string, way: "upstream" | "downstream"): string[] => {
    if (direction !== "both" && direction !== way) return [];
    const lines = treeLines(treeOf(graph, focus.id, way), named);
    return ["", title, ...(lines.length === 0 ? ["└─ nothing"] : lines)];
  };
  return [named(focus), ...side("stands on", "upstream"), ...side("is read by", "downstream")].join("\n");
}

function listOf(graph: Graph): string {
  const above = neighbours(graph, "upstream");
  const names = new Map(graph.nodes.map(({ id, name }) => [id, name]));
  const lines = graph.nodes.map((node) => {
    const beneath = (above.get(node.id) ?? []).flatMap((id) => names.get(id) ?? []);
    return beneath.length === 0 ? named(node) : `${named(node)} ← ${beneath.join(", ")}`;
  });
  return lines.join("\n");
}

function named({ name, kind }: LineageNode): string {
  return `${name} (${kind})`;
}
