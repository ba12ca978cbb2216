/** What a node of the graph is: a mart, what marts read (a seed, a source), what tests one, or what stands at the end. */
export type NodeKind = "mart" | "seed" | "source" | "exposure" | "test";

/** One node, with all that a selection may ask of it. */
export type SelectionNode = {
  /** `mart.fct_sales`, `source.music.play`; unique in the graph. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly name: string;
  /** From the domain to the name: `["sales", "fct_sales"]`. */
  readonly fqn: readonly string[];
  /** From the root of the project on. */
  readonly path?: string;
  readonly tags: readonly string[];
  readonly owner?: string;
  /** What `config.<key>:` compares; a key may have several values. */
  readonly config: Readonly<Record<string, readonly string[]>>;
  /** Tests only: what kind of test it is, in dbt's words, and its name. */
  readonly test?: { readonly types: readonly string[]; readonly name: string };
};

/** Nodes, and which stands on which. Every id that is read is a node. */
export type SelectionGraph = {
  readonly nodes: ReadonlyMap<string, SelectionNode>;
  readonly reads: ReadonlyMap<string, readonly string[]>;
  readonly readBy: ReadonlyMap<string, readonly string[]>;
};

/** Makes a graph of nodes, each with the ids it reads. */
export function selectionGraph(
  nodes: readonly { readonly node: SelectionNode; readonly reads: readonly string[] }[],
): SelectionGraph {
  const readBy = new Map<string, string[]>(nodes.map(({ node }) => [node.id, []]));
  for (const { node, reads } of nodes) for (const id of reads) readBy.get(id)?.push(node.id);
  return {
    nodes: new Map(nodes.map(({ node }) => [node.id, node])),
    reads: new Map(nodes.map(({ node, reads }) => [node.id, reads.filter((id) => readBy.has(id))])),
    readBy,
  };
}

/** The nodes and all that they stand on, up to so many steps away. */
export function withAncestors({ reads }: SelectionGraph, ids: Iterable<string>, steps = Number.POSITIVE_INFINITY): Set<string> {
  return reached(reads, ids, steps);
}

/** The nodes and all that stands on them, up to so many steps away. */
export function withDescendants(
  { readBy }: SelectionGraph,
  ids: Iterable<string>,
  steps = Number.POSITIVE_INFINITY,
): Set<string> {
  return reached(readBy, ids, steps);
}

function reached(next: ReadonlyMap<string, readonly string[]>, ids: Iterable<string>, steps: number): Set<string> {
  const found = new Set(ids);
  let edge = [...found];
  for (let step = 0; step < steps && edge.length > 0; step += 1) {
    edge = edge.flatMap((id) => next.get(id) ?? []).filter((id) => !found.has(id));
    for (const id of edge) found.add(id);
  }
  return found;
}
