import type { Seed } from "@jukebase/platform/domain.ts";
import { columnNodes } from "./columns.ts";
import type { Finder } from "./edges.ts";
import { identifier } from "./ids.ts";
import { relationName } from "./mart-node.ts";
import type { ManifestNode } from "./node.ts";
import type { GivenSeed, Project } from "./project.ts";
import type { Relation } from "./relations.ts";
import { sha256 } from "./source-text.ts";

/** The node of reference data. */
export function seedNode(
  project: Project,
  finder: Finder,
  { seed, text }: GivenSeed,
  relation: Relation | undefined,
): ManifestNode {
  const path = `db/seeds/${seed.name}.csv`;
  const meta = { owner: seed.owner, key: seed.key };
  return {
    resource_type: "seed",
    database: project.database,
    schema: "seeds",
    name: seed.name,
    package_name: project.name,
    path: `seeds/${seed.name}.csv`,
    original_file_path: path,
    unique_id: finder.ids.seed(seed.name),
    fqn: [project.name, "seeds", seed.name],
    alias: seed.name,
    checksum: { name: "sha256", checksum: sha256(text) },
    config: {
      enabled: true,
      schema: "seeds",
      tags: [],
      meta,
      materialized: "seed",
      group: identifier(seed.owner),
      delimiter: ",",
    },
    tags: [],
    description: seed.description,
    columns: columnNodes(seedColumns(seed), relation),
    meta,
    group: identifier(seed.owner),
    docs: { show: true, node_color: null },
    relation_name: relationName(project.database, "seeds", seed.name),
    raw_code: "",
    depends_on: { macros: [] },
  };
}

function seedColumns({ row }: Seed): { name: string; description: string }[] {
  return Object.entries(row.shape).map(([name, type]) => ({
    name,
    description: (type as { description?: string }).description?.trim() ?? "",
  }));
}
