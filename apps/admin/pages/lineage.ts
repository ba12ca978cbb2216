import { buttonLink, card, type Html, html } from "@jukebase/console";
import { findNode, type LineageNode } from "@jukebase/marts/lineage/graph.ts";
import { Invalid } from "@jukebase/platform";
import { type Request, type Response, Router } from "express";
import { asked } from "../asked.ts";
import type { Console } from "../console.ts";
import { columnsPart } from "../marts/columns-part.ts";
import { consoleGraph } from "../marts/console-graph.ts";
import { consoleLinks } from "../marts/console-links.ts";
import { depthOf, directionOf, lineageControls } from "../marts/lineage-controls.ts";
import { aroundNode, nodesMax, wholeGraph } from "../marts/lineage-parts.ts";
import { type LineageView, pageOf } from "../marts/links.ts";
import { show } from "../show.ts";

/** The lineage: what stands on what, around one node, by column, or all of it. */
export function lineageRoutes(admin: Console): Router {
  const routes = Router();
  routes.get("/lineage", (request, response) => showLineage(admin, request, response));
  return routes;
}

async function showLineage(admin: Console, request: Request, response: Response): Promise<void> {
  const { query } = request;
  const graph = consoleGraph(admin.jukebase.domains);
  const wanted = asked(query, "focus");
  const focus = wanted === undefined ? undefined : findNode(graph, wanted);
  const view: LineageView = {
    focus: focus?.id,
    depth: depthOf(asked(query, "depth")),
    direction: directionOf(asked(query, "direction")),
    columns: asked(query, "columns") !== undefined,
    column: asked(query, "column"),
  };
  const whole = focus === undefined && (asked(query, "whole") !== undefined || graph.nodes.length <= nodesMax);
  const body = html`${lineageControls(graph, view)}
${card({ body: await drawn(admin, { view, focus, whole }) })}`;
  const links = consoleLinks(Object.keys(admin.jukebase.schemas));
  const page = focus === undefined ? undefined : pageOf(links, focus);
  const actions = html`${page !== undefined && buttonLink({ label: "Its page", href: page })}${focus !== undefined && buttonLink({ label: "Whole graph", href: "/lineage?whole=1" })}`;
  const { title, lead } = titles(focus, view);
  await show(admin, request, response, { title, lead, path: "/lineage", actions, body });
}

type Asked = { readonly view: LineageView; readonly focus: LineageNode | undefined; readonly whole: boolean };

function drawn({ jukebase, db }: Console, { view, focus, whole }: Asked): Promise<Html> | Html {
  const graph = consoleGraph(jukebase.domains);
  const links = consoleLinks(Object.keys(jukebase.schemas));
  const { depth = 2, direction = "both" } = view;
  const href = (node: LineageNode) => links.lineage({ focus: node.id, depth: view.depth, direction: view.direction });
  if (focus === undefined) return whole ? wholeGraph(graph, href) : choose(graph.nodes.length);
  if (!view.columns) return aroundNode(graph, focus, { depth, direction }, { href, folded: false });
  if (focus.kind !== "mart") throw new Invalid(`Columns are told of marts; ${focus.name} is none.`);
  return columnsPart(db, jukebase.marts, { mart: focus.name, column: view.column, depth, direction }, links);
}

function choose(nodes: number): Html {
  return html`<div class="empty"><p class="empty-title">Choose where to look from</p><p>There are ${nodes} things in the graph. Name a mart above, or <a href="/lineage?whole=1">look at the whole</a>.</p></div>`;
}

function titles(focus: LineageNode | undefined, { columns, column }: LineageView): { title: string; lead: string } {
  if (focus === undefined)
    return { title: "Lineage", lead: "From events to whoever reads the marts: what stands on the left is what is read." };
  if (!columns) return { title: `Lineage of ${focus.name}`, lead: focus.description };
  const title = column === undefined ? `Columns of ${focus.name}` : `${focus.name}.${column}`;
  const lead =
    "A full line: the value goes there, as it is or as a part. A dashed line: it only decides which rows count. Choose a column to follow it alone.";
  return { title, lead };
}
