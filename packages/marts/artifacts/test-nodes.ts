import { thresholdsOf } from "../tests/named-test.ts";
import type { ProjectTest } from "./declared-tests.ts";
import type { Finder } from "./edges.ts";
import { genericTest } from "./generic-tests.ts";
import { identifier } from "./ids.ts";
import type { ManifestNode } from "./node.ts";
import type { Project, ProjectCheck } from "./project.ts";

/** The nodes of all tests of marts and seeds. */
export function testNodes(project: Project, finder: Finder): ManifestNode[] {
  const files = new Map<string, string>([
    ...project.marts.map(({ mart, source }) => [`marts.${mart.name}`, source.path.replace(/\.sql$/, ".ts")] as const),
    ...project.seeds.map(({ seed }) => [`seeds.${seed.name}`, `db/seeds/${seed.name}.csv`] as const),
  ]);
  return project.tests.map((test) => genericTestNode(project, finder, test, files.get(test.relation) ?? ""));
}

/** The id of a test, by which its results are told. */
export function testId({ ids }: Pick<Finder, "ids">, { name, relation }: Pick<ProjectTest, "name" | "relation">): string {
  return ids.test(identifier(name), [relation, name]);
}

/** The node of a check: a singular test. */
export function checkNode(project: Project, finder: Finder, { check, source, reads }: ProjectCheck): ManifestNode {
  return {
    ...sharedOf(project, { name: identifier(check.name), path: source.path, sql: source.select }),
    unique_id: finder.ids.check(check.name),
    checksum: { name: "sha256", checksum: source.checksum },
    config: configOf(thresholdsOf(check, "error"), undefined),
    description: check.name,
    raw_code: source.text,
    ...finder.standsOn(reads),
  };
}

function genericTestNode(project: Project, finder: Finder, of: ProjectTest, path: string): ManifestNode {
  const { name, relation, test, sql, words } = of;
  const [schema, tested = ""] = relation.split(".");
  const { column, metadata } = genericTest(test, `{{ get_where_subquery(ref('${tested}')) }}`, project.name);
  return {
    ...sharedOf(project, { name: identifier(name), path, sql }),
    unique_id: testId(finder, of),
    checksum: { name: "none", checksum: "" },
    config: configOf(of, test.where),
    description: words,
    raw_code: sql,
    // What is tested stands last beside what it refers to: from that order tools tell the two apart.
    ...finder.standsOn(test.test === "relationships" ? [`marts.${test.mart}`, relation] : [relation]),
    column_name: column,
    file_key_name: `${schema === "seeds" ? "seeds" : "models"}.${tested}`,
    attached_node: finder.idOf(relation),
    test_metadata: metadata,
  };
}

function sharedOf(project: Project, { name, path, sql }: { readonly name: string; readonly path: string; readonly sql: string }) {
  return {
    resource_type: "test",
    database: project.database,
    schema: "marts",
    name,
    package_name: project.name,
    path: path.split("/").slice(1).join("/"),
    original_file_path: path,
    fqn: [project.name, ...path.split("/").slice(1, -1), name],
    alias: name,
    tags: [],
    columns: {},
    meta: {},
    docs: { show: true, node_color: null },
    language: "sql",
    compiled_path: path,
    compiled: true,
    compiled_code: sql,
    extra_ctes_injected: true,
    extra_ctes: [],
  };
}

type Thresholds = Pick<ProjectTest, "severity" | "warnFrom" | "errorFrom">;

// A test that only warns never fails, so it has no number of rows from which it would.
function configOf({ severity, warnFrom, errorFrom }: Thresholds, where: string | undefined): Readonly<Record<string, unknown>> {
  return {
    enabled: true,
    materialized: "test",
    severity: severity.toUpperCase(),
    store_failures: true,
    where: where ?? null,
    fail_calc: "count(*)",
    warn_if: `>= ${warnFrom}`,
    error_if: Number.isFinite(errorFrom) ? `>= ${errorFrom}` : "!= 0",
    tags: [],
    meta: {},
  };
}
