import { columnNodes, commentedColumns } from "./columns.ts";
import type { Finder } from "./edges.ts";
import { relationName } from "./mart-node.ts";
import type { ManifestNode } from "./node.ts";
import { completeUntil } from "./progress.ts";
import type { Project } from "./project.ts";
import type { Relation } from "./relations.ts";

/** How long what was received may wait before a source counts as late; minutes, and null where nothing says so. */
export type FreshnessRule = {
  readonly warn_after: { readonly count: number | null; readonly period: "minute" | null };
  readonly error_after: { readonly count: null; readonly period: null };
  readonly filter: null;
};

/** A source: a relation that is neither mart nor seed, with how fresh it has to be (null: it follows from no event). */
export type SourceRelation = {
  readonly relation: Relation;
  readonly projection: string | undefined;
  readonly freshness: FreshnessRule | null;
};

/** The tables of the domains, and whatever else marts read, by schema and name. */
export function sourceRelations(project: Project, finder: Finder): SourceRelation[] {
  const read = new Set(project.marts.flatMap(({ mart }) => Object.keys(mart.reads)));
  const isSource = ({ schema, name }: Relation): boolean =>
    (schema in project.schemas || read.has(`${schema}.${name}`)) && finder.idOf(`${schema}.${name}`).startsWith("source.");
  return project.relations.filter(isSource).map((relation) => {
    const projection = project.schemas[relation.schema];
    return { relation, projection, freshness: projection === undefined ? null : freshnessOf(project, relation) };
  });
}

/** The node of a source. */
export function sourceNode(project: Project, finder: Finder, { relation, projection, freshness }: SourceRelation): ManifestNode {
  const { schema, name, comment } = relation;
  const path = project.sourceFiles[schema] ?? "db/migrations";
  const loaded_at_query = projection === undefined ? null : completeUntil(projection);
  return {
    resource_type: "source",
    database: project.database,
    schema,
    name,
    package_name: project.name,
    path,
    original_file_path: path,
    unique_id: finder.ids.source(schema, name),
    fqn: [project.name, schema, name],
    source_name: schema,
    source_description: projection === undefined ? "" : `The tables that the projection ${projection} writes from the event log.`,
    loader: projection === undefined ? "" : `projection ${projection}`,
    identifier: name,
    quoting: { database: true, schema: true, identifier: true, column: null },
    loaded_at_field: null,
    loaded_at_query,
    freshness,
    description: comment ?? "",
    columns: columnNodes(commentedColumns(relation), relation),
    meta: {},
    source_meta: {},
    tags: [],
    config: { enabled: true, freshness, loaded_at_field: null, loaded_at_query, meta: {}, tags: [] },
    relation_name: relationName(project.database, schema, name),
  };
}

// The mart that is in the greatest hurry sets the pace for what it reads.
function freshnessOf({ marts }: Project, { schema, name }: Relation): FreshnessRule {
  const readers = marts.filter(({ mart }) => `${schema}.${name}` in mart.reads).map(({ mart }) => mart.freshness_s);
  const least = readers.length === 0 ? null : Math.ceil(Math.min(...readers) / 60);
  const none = { count: null, period: null };
  return { warn_after: least === null ? none : { count: least, period: "minute" }, error_after: none, filter: null };
}
