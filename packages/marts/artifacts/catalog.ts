import { finderOf } from "./edges.ts";
import { type Invocation, metadataOf } from "./invocation.ts";
import { byId } from "./node.ts";
import type { Project } from "./project.ts";
import type { Relation } from "./relations.ts";
import { sourceRelations } from "./source-nodes.ts";
import type { StandingMart } from "./standing.ts";

/** dbt's catalog.json, version 1: what Postgres says of every relation that stands: columns with their types, comments, owner; of marts also rows and size. */
export function catalogOf(project: Project, invocation: Invocation) {
  const finder = finderOf(project);
  const own = new Map<string, StandingMart | undefined>(
    project.marts.map(({ mart, standing }) => [`marts.${mart.name}`, standing]),
  );
  for (const { seed } of project.seeds) own.set(`seeds.${seed.name}`, undefined);
  const nodes = project.relations
    .filter(({ schema, name }) => own.has(`${schema}.${name}`))
    .map((relation) => {
      const name = `${relation.schema}.${relation.name}`;
      return tableOf(project, relation, finder.idOf(name), statsOf(own.get(name)));
    });
  const sources = sourceRelations(project, finder).map(({ relation }) =>
    tableOf(project, relation, finder.ids.source(relation.schema, relation.name), {}),
  );
  return {
    metadata: metadataOf("catalog/v1", invocation, project),
    nodes: byId(nodes),
    sources: byId(sources),
    errors: null,
  };
}

function tableOf({ database }: Project, relation: Relation, unique_id: string, stats: Readonly<Record<string, Statistic>>) {
  const { schema, name, kind, comment, owner, columns } = relation;
  return {
    metadata: { type: kind, schema, name, database, comment, owner },
    columns: Object.fromEntries(columns.map((column) => [column.name, columnOf(column)])),
    stats: { ...stats, has_stats: statistic("has_stats", "Has Stats?", Object.keys(stats).length > 0, "", false) },
    unique_id,
  };
}

function columnOf({ type, index, name, comment }: Relation["columns"][number]) {
  return { type, index, name, comment };
}

type Statistic = ReturnType<typeof statistic>;

function statsOf(standing: StandingMart | undefined): Record<string, Statistic> {
  if (standing === undefined) return {};
  const { rows, bytes, refreshed_at, status } = standing;
  return {
    ...(rows === null ? {} : { num_rows: statistic("num_rows", "Rows", rows, "Rows after the last refresh.") }),
    ...(bytes === null ? {} : { num_bytes: statistic("num_bytes", "Size", bytes, "Bytes on disk, indexes included.") }),
    ...(refreshed_at === null ? {} : { last_modified: statistic("last_modified", "Refreshed", refreshed_at, "Last refresh.") }),
    status: statistic("status", "Status", status, "How the last refresh ended."),
  };
}

function statistic(id: string, label: string, value: boolean | string | number, description: string, include = true) {
  return { id, label, value, include, description };
}
