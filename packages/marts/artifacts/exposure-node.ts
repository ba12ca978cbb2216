import type { Exposure } from "@jukebase/platform/domain.ts";
import type { Finder } from "./edges.ts";
import { identifier } from "./ids.ts";
import type { ManifestNode } from "./node.ts";
import type { Project } from "./project.ts";

/** The node of something that stands on marts: a page, a report, a dashboard elsewhere. */
export function exposureNode(project: Project, finder: Finder, exposure: Exposure): ManifestNode {
  const name = identifier(exposure.name);
  const path = "packages/domains/index.ts";
  return {
    resource_type: "exposure",
    name,
    package_name: project.name,
    path: path.split("/").slice(1).join("/"),
    original_file_path: path,
    unique_id: finder.ids.exposure(exposure.name),
    fqn: [project.name, name],
    type: exposure.kind,
    owner: { name: exposure.owner.name, email: exposure.owner.email ?? null },
    description: exposure.description,
    label: exposure.title,
    maturity: null,
    meta: {},
    tags: [],
    config: { enabled: true, meta: {}, tags: [] },
    unrendered_config: {},
    url: exposure.url ?? null,
    ...finder.standsOn(exposure.marts.map((mart) => `marts.${mart}`)),
    metrics: [],
  };
}
