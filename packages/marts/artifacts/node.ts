/** What every node of a manifest has; the rest is told by the kind of node, and held against dbt's own schema by tests. */
export type ManifestNode = {
  readonly unique_id: string;
  readonly resource_type: string;
  readonly name: string;
  readonly depends_on?: { readonly macros: readonly string[]; readonly nodes?: readonly string[] };
  readonly [key: string]: unknown;
};

/** Nodes by id, in the order of their ids. */
export function byId<T extends { readonly unique_id: string }>(nodes: readonly T[]): Record<string, T> {
  const ordered = nodes.toSorted((a, b) => (a.unique_id < b.unique_id ? -1 : 1));
  return Object.fromEntries(ordered.map((node) => [node.unique_id, node]));
}
