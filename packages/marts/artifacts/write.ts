import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { catalogOf } from "./catalog.ts";
import type { Invocation } from "./invocation.ts";
import { manifestOf } from "./manifest.ts";
import type { Project } from "./project.ts";
import { runResultsOf } from "./run-results.ts";
import { sourcesOf } from "./sources.ts";

/** dbt's four artifacts by the names of their files. */
export type Artifacts = ReturnType<typeof artifactsOf>;

/** How many of what artifacts tell. */
export type ArtifactCounts = {
  readonly marts: number;
  readonly seeds: number;
  readonly tests: number;
  readonly unit_tests: number;
  readonly sources: number;
  readonly exposures: number;
  readonly columns: number;
  readonly results: number;
};

/** The artifacts of a project. Pure: equal projects and invocations give equal artifacts. */
export function artifactsOf(project: Project, invocation: Invocation) {
  return {
    "manifest.json": manifestOf(project, invocation),
    "catalog.json": catalogOf(project, invocation),
    "run_results.json": runResultsOf(project, invocation),
    "sources.json": sourcesOf(project, invocation),
  };
}

/** Writes each artifact as one file of the folder, which is made; a reader sees the old file or the whole new one. */
export async function writeArtifacts(
  folder: string,
  artifacts: Artifacts,
  onWritten: (name: string, bytes: number) => void = () => {},
) {
  await mkdir(folder, { recursive: true });
  for (const [name, artifact] of Object.entries(artifacts)) {
    const text = `${JSON.stringify(artifact)}\n`;
    await writeFile(join(folder, `${name}.part`), text);
    await rename(join(folder, `${name}.part`), join(folder, name));
    onWritten(name, Buffer.byteLength(text));
  }
}

/** Counts what the artifacts tell; columns are those of marts and seeds in the catalogue. */
export function countsOf(artifacts: Artifacts): ArtifactCounts {
  const manifest = artifacts["manifest.json"];
  const nodes = Object.values(manifest.nodes);
  const many = (...types: readonly string[]): number => nodes.filter(({ resource_type }) => types.includes(resource_type)).length;
  const tables = Object.values(artifacts["catalog.json"].nodes);
  return {
    marts: many("model", "snapshot"),
    seeds: many("seed"),
    tests: many("test"),
    unit_tests: Object.keys(manifest.unit_tests).length,
    sources: Object.keys(manifest.sources).length,
    exposures: Object.keys(manifest.exposures).length,
    columns: tables.reduce((total, { columns }) => total + Object.keys(columns).length, 0),
    results: artifacts["run_results.json"].results.length,
  };
}
