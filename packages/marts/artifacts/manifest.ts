import { finderOf } from "./edges.ts";
import { exposureNode } from "./exposure-node.ts";
import { groupsOf, overviewOf } from "./groups.ts";
import { type Invocation, metadataOf } from "./invocation.ts";
import { groupMap, mapsOf } from "./maps.ts";
import { martNode } from "./mart-node.ts";
import { byId, type ManifestNode } from "./node.ts";
import type { Project } from "./project.ts";
import type { Relation } from "./relations.ts";
import { seedNode } from "./seed-node.ts";
import { sourceNode, sourceRelations } from "./source-nodes.ts";
import { checkNode, testNodes } from "./test-nodes.ts";
import { unitTestNodes } from "./unit-test-node.ts";

/** dbt's manifest.json, version 12: every mart, seed, test, source and exposure, with its edges. Equal projects give equal manifests. */
export function manifestOf(project: Project, invocation: Invocation) {
  const finder = finderOf(project);
  const relations = new Map(project.relations.map((relation) => [`${relation.schema}.${relation.name}`, relation]));
  const nodes = nodesOf(project, finder, relations);
  const sources = sourceRelations(project, finder).map((source) => sourceNode(project, finder, source));
  const exposures = project.exposures.map((exposure) => exposureNode(project, finder, exposure));
  const unitTests = project.marts.flatMap((one) => unitTestNodes(project, finder, one));
  return {
    metadata: {
      ...metadataOf("manifest/v12", invocation, project),
      project_name: project.name,
      project_id: null,
      user_id: null,
      send_anonymous_usage_stats: false,
      adapter_type: "postgres",
      quoting: { database: true, schema: true, identifier: true, column: null },
    },
    nodes: byId(nodes),
    sources: byId(sources),
    macros: {},
    docs: byId([overviewOf(project, finder)]),
    exposures: byId(exposures),
    metrics: {},
    groups: byId(groupsOf(project, finder)),
    selectors: {},
    disabled: {},
    ...mapsOf([...nodes, ...sources, ...exposures, ...unitTests]),
    group_map: groupMap(nodes),
    saved_queries: {},
    semantic_models: {},
    unit_tests: byId(unitTests),
  };
}

function nodesOf(
  project: Project,
  finder: ReturnType<typeof finderOf>,
  relations: ReadonlyMap<string, Relation>,
): ManifestNode[] {
  return [
    ...project.marts.map((one) => martNode(project, finder, one, relations.get(`marts.${one.mart.name}`))),
    ...project.seeds.map((one) => seedNode(project, finder, one, relations.get(`seeds.${one.seed.name}`))),
    ...testNodes(project, finder),
    ...project.checks.map((check) => checkNode(project, finder, check)),
  ];
}
