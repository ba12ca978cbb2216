import type { Project } from "./project.ts";

/** The one run that artifacts are written in: an instant (ISO 8601, UTC) and an id (UUID), passed in, so that all else can be compared. */
export type Invocation = { readonly generated_at: string; readonly id: string };

/** The versions of dbt's artifacts that are written. */
export type ArtifactVersion = "manifest/v12" | "catalog/v1" | "run-results/v6" | "sources/v3";

/**
 * What stands first in every artifact. `dbt_version` is that of the dbt whose form this is: tools choose by it how to read;
 * who really wrote it stands in `env`.
 */
export function metadataOf(
  version: ArtifactVersion,
  { generated_at, id }: Invocation,
  project: Pick<Project, "name" | "version">,
) {
  return {
    dbt_schema_version: `https://schemas.getdbt.com/dbt/${version}.json`,
    dbt_version: "1.10.0",
    generated_at,
    invocation_id: id,
    invocation_started_at: generated_at,
    env: { WRITTEN_BY: `${project.name} ${project.version}` },
  };
}
