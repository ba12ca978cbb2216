import type { Mart } from "@jukebase/platform/mart.ts";
import { columnsOf } from "../define-mart.ts";
import { validity } from "../validity.ts";
import { type ColumnNode, type Constraint, columnNodes } from "./columns.ts";
import type { Finder } from "./edges.ts";
import { identifier } from "./ids.ts";
import type { ManifestNode } from "./node.ts";
import type { Project, ProjectMart } from "./project.ts";
import type { Relation } from "./relations.ts";
import { sha256 } from "./source-text.ts";

/** The node of a mart: a snapshot where it keeps a history, else a model. */
export function martNode(project: Project, finder: Finder, one: ProjectMart, relation: Relation | undefined): ManifestNode {
  const shared = sharedOf(project, finder, one, relation);
  return one.mart.kind === "snapshot" ? snapshotNode(shared, one.mart) : modelNode(shared, project, one.mart);
}

/** A relation as SQL names it in full. */
export function relationName(database: string, schema: string, name: string): string {
  return [database, schema, name].map((part) => `"${part.replaceAll('"', '""')}"`).join(".");
}

type Shared = ReturnType<typeof sharedOf>;

function sharedOf(project: Project, finder: Finder, one: ProjectMart, relation: Relation | undefined) {
  const { mart, source } = one;
  const columns = martColumns(project, mart, relation);
  const meta = metaOf(one);
  const tags = [...new Set([mart.kind, ...(mart.tags ?? [])])];
  return {
    database: project.database,
    schema: "marts",
    name: mart.name,
    package_name: project.name,
    path: source.path.split("/").slice(1).join("/"),
    original_file_path: source.path,
    unique_id: finder.ids.mart(mart),
    fqn: [project.name, ...source.path.split("/").slice(1, -1), mart.name],
    alias: mart.name,
    checksum: { name: "sha256", checksum: source.checksum },
    tags,
    description: `${mart.description}\n\n${mart.grain}\n\n${one.rule}`,
    columns,
    meta,
    group: identifier(mart.owner),
    docs: { show: true, node_color: null },
    patch_path: `${project.name}://${source.path.replace(/\.sql$/, ".ts")}`,
    relation_name: relationName(project.database, "marts", mart.name),
    raw_code: source.text,
    language: "sql",
    ...finder.standsOn(Object.keys(mart.reads).sort()),
    compiled_path: source.path,
    compiled: true,
    compiled_code: source.select,
    extra_ctes_injected: true,
    extra_ctes: [],
    contract: { enforced: true, alias_types: true, checksum: sha256(JSON.stringify(columns)) },
  };
}

function modelNode(shared: Shared, { database }: Project, mart: Mart): ManifestNode {
  const foreign = (mart.references ?? []).filter(({ columns }) => columns.length > 1);
  return {
    resource_type: "model",
    ...shared,
    config: { ...configOf(shared, mart), access: "public" },
    access: "public",
    constraints: [
      ...(mart.key.length > 1 ? [{ type: "primary_key", columns: mart.key, warn_unenforced: false }] : []),
      ...foreign.map(({ columns, mart: to, to: to_columns }) => ({
        type: "foreign_key",
        columns,
        to: relationName(database, "marts", to),
        to_columns,
        warn_unenforced: false,
      })),
    ],
    primary_key: mart.key,
  };
}

function snapshotNode(shared: Shared, mart: Mart): ManifestNode {
  const history =
    mart.history?.strategy === "timestamp"
      ? { strategy: "timestamp", updated_at: mart.history.updated_at, check_cols: null }
      : { strategy: "check", updated_at: null, check_cols: mart.history?.columns ?? "all" };
  return { resource_type: "snapshot", ...shared, config: { ...configOf(shared, mart), ...history } };
}

const materializations = {
  view: "view",
  materialized: "materialized_view",
  rollup: "incremental",
  snapshot: "snapshot",
} as const;

function configOf({ tags, meta, group }: Shared, mart: Mart): Readonly<Record<string, unknown>> {
  return {
    enabled: true,
    alias: null,
    schema: "marts",
    database: null,
    tags,
    meta,
    group,
    materialized: materializations[mart.kind],
    incremental_strategy: mart.kind === "rollup" ? "merge" : null,
    persist_docs: { relation: true, columns: true },
    full_refresh: null,
    unique_key: mart.kind === "view" ? null : mart.key,
    grants: {},
    docs: { show: true, node_color: null },
    contract: { enforced: true, alias_types: true },
  };
}

function martColumns(project: Project, mart: Mart, relation: Relation | undefined): Readonly<Record<string, ColumnNode>> {
  return columnNodes(
    columnsOf(mart).map((column) => ({
      ...column,
      constraints: constraintsOf(project, mart, column.name),
      mask: mart.sensitive?.[column.name],
    })),
    relation,
  );
}

// A key of one column, and a reference by one, stand at the column; those of several at the mart. Of a snapshot the key has several versions.
function constraintsOf({ database }: Project, mart: Mart, column: string): Constraint[] {
  const { references = [] } = mart;
  const key = mart.kind === "snapshot" ? [...mart.key, validity[0]] : mart.key;
  const own: Constraint[] = key.includes(column) ? [{ type: "not_null", warn_unenforced: false }] : [];
  if (key.length === 1 && key[0] === column) own.push({ type: "primary_key", warn_unenforced: false });
  const foreign = references.filter(({ columns }) => columns.length === 1 && columns[0] === column);
  return [
    ...own,
    ...foreign.map(({ mart: to, to: to_columns }) => ({
      type: "foreign_key" as const,
      to: relationName(database, "marts", to),
      to_columns,
      warn_unenforced: false as const,
    })),
  ];
}

function metaOf({ mart }: ProjectMart): Readonly<Record<string, unknown>> {
  const { grain, owner, kind, key, bucket, freshness_s } = mart;
  return { owner, grain, kind, key, ...(bucket === undefined ? {} : { bucket }), freshness_s };
}
