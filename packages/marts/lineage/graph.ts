import { NotFound } from "@jukebase/platform/errors.ts";

/** What stands in the graph: what comes in, what is made of it, and who reads that. */
export type NodeKind = "event" | "projection" | "table" | "seed" | "mart" | "report" | "page" | "exposure";

/** A thing that others stand on, or that stands on others. `id` is its kind and name: `mart:fct_sales`, `table:sales.payment`. */
export type LineageNode = {
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  readonly description: string;
  /** What is said under its name: a mart's kind, the title of a report. */
  readonly note: string;
  /** Where it is, when that is outside of Jukebase. */
  readonly url?: string | undefined;
};

/** `to` stands on `from`. */
export type Edge = { readonly from: string; readonly to: string };

/** Nodes and edges in an order that only depends on what they are. */
export type Graph = { readonly nodes: readonly LineageNode[]; readonly edges: readonly Edge[] };

/** Which way one looks from a node: at what it stands on, at what stands on it, or at both. */
export type Direction = "both" | "upstream" | "downstream";

/** The graph in its order, each edge once. Throws NotFound when an edge names a node that is not there. */
export function graphOf(nodes: readonly LineageNode[], edges: readonly Edge[]): Graph {
  const ids = new Set(nodes.map(({ id }) => id));
  const known = new Map(edges.map((edge) => [`${edge.from}\n${edge.to}`, edge]));
  for (const { from, to } of known.values()) {
    const missing = ids.has(from) ? to : from;
    if (!ids.has(from) || !ids.has(to)) throw new NotFound(`${from} → ${to}: there is no ${missing} in the graph.`);
  }
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sorted = [...byId.values()].sort((a, b) => inOrder(a.id, b.id));
  return { nodes: sorted, edges: [...known.values()].sort((a, b) => inOrder(a.from, b.from) || inOrder(a.to, b.to)) };
}

/** A node by its id, or by its name where only one has it; throws NotFound with what is near it. */
export function findNode({ nodes }: Graph, wanted: string): LineageNode {
  const exact = nodes.find(({ id }) => id === wanted);
  const named = exact === undefined ? nodes.filter(({ name }) => name === wanted) : [exact];
  const found = named.find(({ kind }) => kind === "mart") ?? named[0];
  if (found !== undefined) return found;
  const near = nodes.filter(({ name }) => name.includes(wanted)).map(({ name }) => name);
  const hint = near.length === 0 ? "" : ` Near it: ${near.slice(0, 5).join(", ")}.`;
  throw new NotFound(`Nothing in the lineage is called "${wanted}".${hint}`);
}

/** Node → those next to it, in the one or the other direction. */
export function neighbours({ edges }: Pick<Graph, "edges">, direction: "upstream" | "downstream"): ReadonlyMap<string, string[]> {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) {
    const [at, other] = direction === "upstream" ? [to, from] : [from, to];
    next.set(at, [...(next.get(at) ?? []), other]);
  }
  return next;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
