import type { ManifestNode } from "./node.ts";

/** Every node's parents and children, by id. Every node is a key in both: tools look children up without asking whether there are any. */
export function mapsOf(nodes: readonly ManifestNode[]): {
  readonly parent_map: Readonly<Record<string, readonly string[]>>;
  readonly child_map: Readonly<Record<string, readonly string[]>>;
} {
  const ids = nodes.map(({ unique_id }) => unique_id).sort();
  const parents = new Map(nodes.map((node) => [node.unique_id, node.depends_on?.nodes ?? []]));
  const children = new Map(ids.map((id): [string, string[]] => [id, []]));
  for (const id of ids) for (const parent of parents.get(id) ?? []) children.get(parent)?.push(id);
  return {
    parent_map: Object.fromEntries(ids.map((id) => [id, parents.get(id) ?? []])),
    child_map: Object.fromEntries(ids.map((id) => [id, children.get(id) ?? []])),
  };
}

/** The nodes of each group that has any. */
export function groupMap(nodes: readonly ManifestNode[]): Readonly<Record<string, readonly string[]>> {
  const grouped = nodes.filter(({ group }) => typeof group === "string").toSorted((a, b) => (a.unique_id < b.unique_id ? -1 : 1));
  const names = [...new Set(grouped.map(({ group }) => String(group)))].sort();
  return Object.fromEntries(
    names.map((name) => [name, grouped.filter(({ group }) => group === name).map(({ unique_id }) => unique_id)]),
  );
}
