import type { Planned } from "../plan.ts";
import { type MartChange, martChanges, type Standing } from "./changes.ts";
import { beneath } from "./reasons.ts";

/**
 * What `state:` compares, by the mart's id in the graph. As dbt has it, `modified` is a mart that is new or changed itself; what is built
 * anew only because of what it stands on is `unmodified`, and found by `state:modified+`.
 */
export function statesOf(planned: readonly Planned[], standing: Standing): ReadonlyMap<string, ReadonlySet<string>> {
  const changes = new Map(martChanges(planned, standing).map((change) => [change.name, change]));
  return new Map(planned.map(({ name }) => [`mart.${name}`, new Set(wordsFor(changes.get(name)))]));
}

function wordsFor(change: MartChange | undefined): readonly string[] {
  if (change?.change === "new") return ["new", "modified"];
  const own = (change?.why ?? []).filter(({ part }) => part !== beneath);
  return own.length === 0
    ? ["old", "unmodified"]
    : ["old", "modified", ...own.map(({ part }) => `modified.${kinds[part] ?? "configs"}`)];
}

/** dbt's words for the parts of a definition; what is not named here is configuration. */
const kinds: Readonly<Record<string, string>> = {
  select: "body",
  columns: "contract",
  words: "persisted_descriptions",
  dropped: "relation",
  table: "relation",
  seed: "relation",
  time_zone: "relation",
};
