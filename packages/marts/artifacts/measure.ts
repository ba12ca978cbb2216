import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executor } from "@jukebase/platform/executor.ts";
import { type Project, readProject } from "./project.ts";
import { syntheticProject } from "./synthetic-project.ts";
import { type Artifacts, artifactsOf, writeArtifacts } from "./write.ts";

/** How long the artifacts of a made-up project take: reading files and catalogue, making, writing; and what came of it. */
export type ArtifactsMeasured = {
  readonly project: Project;
  readonly artifacts: Artifacts;
  readonly bytes: number;
  readonly read_ms: number;
  readonly make_ms: number;
  readonly write_ms: number;
  readonly total_ms: number;
};

/** Writes the artifacts of so many made-up marts; `db` is a migrated database of its own, in which they are made first. */
export async function measureArtifacts(db: Executor, marts = 400): Promise<ArtifactsMeasured> {
  const folder = await mkdtemp(join(tmpdir(), "jukebase-artifacts-"));
  try {
    const given = await syntheticProject(db, folder, marts);
    const started = performance.now();
    const project = await readProject(db, given);
    const read = performance.now();
    const artifacts = artifactsOf(project, { generated_at: "2026-01-01T00:00:00.000Z", id: "bench" });
    const made = performance.now();
    let bytes = 0;
    await writeArtifacts(join(folder, "target"), artifacts, (_, written) => {
      bytes += written;
    });
    const written = performance.now();
    const ms = (from: number, to: number): number => Math.round(to - from);
    return {
      project,
      artifacts,
      bytes,
      read_ms: ms(started, read),
      make_ms: ms(read, made),
      write_ms: ms(made, written),
      total_ms: ms(started, written),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}
