import { type Html, type HtmlValue, html, join } from "@jukebase/console";
import { type Graph, type LineageNode, neighbours } from "@jukebase/marts/lineage/graph.ts";
import { type Branch, treeOf } from "@jukebase/marts/lineage/tree.ts";
import { nodeKinds } from "./node-kinds.ts";

type Href = (node: LineageNode) => string | undefined;

/** What is drawn around a node, as nested lists: what it stands on, and what stands on it. */
export function lineageLists(graph: Graph, focus: LineageNode, href: Href): Html {
  const side = (title: string, way: "upstream" | "downstream", none: string) => {
    const branches = treeOf(graph, focus.id, way);
    return html`<div><h3>${title}</h3>${branches.length === 0 ? html`<p class="all-well">${none}</p>` : nested(branches, href)}</div>`;
  };
  return html`<div class="columns lineage-sides">${side(`What ${focus.name} stands on`, "upstream", "Nothing that is shown here.")}${side(`What stands on ${focus.name}`, "downstream", "Nothing that is shown here.")}</div>`;
}

/** Every node of a graph with what it stands on: the list of a graph that has no middle. */
export function wholeList(graph: Graph, href: Href): Html {
  const above = neighbours(graph, "upstream");
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return html`<ul class="lineage-list">${graph.nodes.map((node) => {
    const beneath = (above.get(node.id) ?? []).flatMap((id) => nodes.get(id) ?? []);
    const from =
      beneath.length === 0
        ? null
        : html` stands on ${join(
            beneath.map((one) => linked(one, href)),
            ", ",
          )}`;
    return html`<li>${entry(node, href)}${from}</li>`;
  })}</ul>`;
}

function nested(branches: readonly Branch[], href: Href): HtmlValue {
  return html`<ul class="lineage-list">${branches.map(
    ({ node, again, branches: deeper }) =>
      html`<li>${entry(node, href)}${again && html` <span class="kind">(see above)</span>`}${deeper.length > 0 && nested(deeper, href)}</li>`,
  )}</ul>`;
}

function entry(node: LineageNode, href: Href): Html {
  return html`${linked(node, href)} <span class="kind">${nodeKinds[node.kind].title.toLowerCase()}</span>`;
}

function linked(node: LineageNode, href: Href): HtmlValue {
  const target = href(node);
  return target === undefined ? node.name : html`<a href="${target}">${node.name}</a>`;
}
