import type { Direction, LineageNode } from "@jukebase/marts/lineage/graph.ts";

/** What part of the lineage a page shows. */
export type LineageView = {
  /** A node's id; the whole graph without one. */
  readonly focus?: string | undefined;
  readonly depth?: number | undefined;
  readonly direction?: Direction | undefined;
  /** By column, of the mart in `focus`. */
  readonly columns?: boolean | undefined;
  readonly column?: string | undefined;
};

/**
 * Where the parts of the documentation stand: as pages of the console, or as files beside one another. Undefined: there is no such page.
 */
export type MartLinks = {
  readonly catalogue: string;
  readonly mart: (name: string) => string;
  readonly lineage: (view: LineageView) => string | undefined;
  /** The diagram of a schema, or of the marts (`marts`); `table` within it. */
  readonly diagram: (schema: string, table?: string) => string | undefined;
  /** The page of a test. */
  readonly test: (name: string) => string | undefined;
  /** The page of anything else in the graph. */
  readonly other: (node: LineageNode) => string | undefined;
};

/** Where a node of the graph is described. */
export function pageOf(links: MartLinks, node: LineageNode): string | undefined {
  if (node.kind === "mart") return links.mart(node.name);
  const [schema = ""] = node.name.split(".");
  return node.kind === "table" ? links.diagram(schema, node.name) : (node.url ?? links.other(node));
}

/** Where a relation, `schema.relation`, is described. */
export function relationPage(links: MartLinks, relation: string): string | undefined {
  const [schema = "", name = ""] = relation.split(".");
  return schema === "marts" ? links.mart(name) : links.diagram(schema, relation);
}

/** The anchor of a column or a table on a page: its name with nothing in it that an address would have to escape. */
export function anchorOf(...names: readonly string[]): string {
  return names.join("-").replace(/[^A-Za-z0-9_-]/g, "-");
}
