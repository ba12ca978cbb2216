import { finderOf } from "./edges.ts";
import { type Invocation, metadataOf } from "./invocation.ts";
import type { Project } from "./project.ts";
import { type SourceRelation, sourceRelations } from "./source-nodes.ts";

/**
 * dbt's sources.json, version 3: how fresh the domains' tables are. A table that follows from events is complete up to the oldest batch that its projection has not
 * read, or up to now; that instant is its `max_loaded_at`, so that a quiet day is not late and an unread event is.
 */
export function sourcesOf(project: Project, invocation: Invocation) {
  const finder = finderOf(project);
  const progress = new Map(project.progress.map((one) => [one.projection, one]));
  const results = sourceRelations(project, finder).flatMap(({ relation, projection, freshness }) => {
    const read = projection === undefined ? undefined : progress.get(projection);
    if (read === undefined || freshness === null) return [];
    return [resultOf(finder.ids.source(relation.schema, relation.name), read.oldest_unread, freshness, invocation)];
  });
  return {
    metadata: metadataOf("sources/v3", invocation, project),
    results: results.toSorted((a, b) => (a.unique_id < b.unique_id ? -1 : 1)),
    elapsed_time: 0,
  };
}

function resultOf(
  unique_id: string,
  oldestUnread: string | null,
  criteria: NonNullable<SourceRelation["freshness"]>,
  { generated_at }: Invocation,
) {
  const max_loaded_at = oldestUnread ?? generated_at;
  const ago_s = Math.max(0, (Date.parse(generated_at) - Date.parse(max_loaded_at)) / 1000);
  const { count } = criteria.warn_after;
  return {
    unique_id,
    max_loaded_at,
    snapshotted_at: generated_at,
    max_loaded_at_time_ago_in_s: ago_s,
    status: count !== null && ago_s > count * 60 ? "warn" : "pass",
    criteria,
    adapter_response: {},
    timing: [],
    thread_id: "Thread-1",
    execution_time: 0,
  };
}
