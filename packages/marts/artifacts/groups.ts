import type { Finder } from "./edges.ts";
import { identifier } from "./ids.ts";
import type { Project } from "./project.ts";

/** The owners of marts and seeds as groups, in the order of their names. */
export function groupsOf(project: Project, finder: Finder) {
  const owners = [...project.marts.map(({ mart }) => mart.owner), ...project.seeds.map(({ seed }) => seed.owner)];
  return [...new Set(owners)].sort().map((owner) => ({
    name: identifier(owner),
    resource_type: "group",
    package_name: project.name,
    path: "domains/index.ts",
    original_file_path: "packages/domains/index.ts",
    unique_id: finder.ids.group(owner),
    owner: { name: owner, email: null },
  }));
}

/** The block of documentation that tools show first. */
export function overviewOf(project: Project, finder: Finder) {
  return {
    name: "__overview__",
    resource_type: "doc",
    package_name: project.name,
    path: "README.md",
    original_file_path: "README.md",
    unique_id: finder.ids.doc("__overview__"),
    block_contents: project.overview,
  };
}
