import type { Finder } from "./edges.ts";
import { identifier } from "./ids.ts";
import type { ManifestNode } from "./node.ts";
import type { Project, ProjectMart } from "./project.ts";

/** The nodes of a mart's unit tests. Their rows stand in TypeScript, where the path says: the manifest tells what they are given, no rows. */
export function unitTestNodes(project: Project, finder: Finder, { mart, unitTests }: ProjectMart): ManifestNode[] {
  return unitTests.map(({ title, path, checksum }) => ({
    model: mart.name,
    given: Object.keys(mart.reads)
      .sort()
      .map((relation) => ({ input: inputOf(finder, relation), rows: null, format: "dict", fixture: path })),
    expect: { rows: null, format: "dict", fixture: path },
    name: identifier(title),
    resource_type: "unit_test",
    package_name: project.name,
    path: path.split("/").slice(1).join("/"),
    original_file_path: path,
    unique_id: finder.ids.unitTest(mart.name, title),
    fqn: [project.name, ...path.split("/").slice(1, -1), mart.name, identifier(title)],
    description: title,
    depends_on: { macros: [], nodes: [finder.ids.mart(mart)] },
    config: { enabled: true, tags: [], meta: {} },
    checksum,
    schema: "marts",
  }));
}

function inputOf(finder: Finder, relation: string): string {
  const [schema = "", name = ""] = relation.split(".");
  return finder.idOf(relation).startsWith("source.") ? `source('${schema}', '${name}')` : `ref('${name}')`;
}
