import { type Html, html } from "@jukebase/console";
import { around, type Part, type Reach } from "@jukebase/marts/lineage/around.ts";
import type { Graph, LineageNode } from "@jukebase/marts/lineage/graph.ts";
import { lineageDrawing } from "./lineage-drawing.ts";
import { lineageLists, wholeList } from "./lineage-list.ts";

/** At most so many boxes are drawn around a node. */
export const nodesMax = 100;

/** What lies around a node: the drawing, a word about what was left away, and the same as lists, which stand folded on a mart's page. */
export async function aroundNode(
  graph: Graph,
  focus: LineageNode,
  reach: Omit<Reach, "nodesMax">,
  { href, folded }: { readonly href: (node: LineageNode) => string | undefined; readonly folded: boolean },
): Promise<Html> {
  const part = around(graph, focus.id, { ...reach, nodesMax });
  const drawing = await lineageDrawing(part, { label: `Lineage around ${focus.name}`, focus: focus.id, href });
  const lists = lineageLists(part, focus, href);
  const list = folded
    ? html`<details class="meanings"><summary>The same as a list</summary>${lists}</details>`
    : html`<h2 class="section">The same as a list</h2>${lists}`;
  return html`${leftAway(part)}${drawing}${list}`;
}

/** The whole graph, and each of its nodes with what it stands on. */
export async function wholeGraph(graph: Graph, href: (node: LineageNode) => string | undefined): Promise<Html> {
  const drawing = await lineageDrawing(graph, { label: "The whole lineage", href });
  return html`${drawing}<h2 class="section">The same as a list</h2>${wholeList(graph, href)}`;
}

function leftAway({ left }: Part): Html {
  return html`${left > 0 && html`<p class="all-well">The ${nodesMax} nearest are drawn; ${left} more are within reach. Look one way only, or less far.</p>`}`;
}
