import type { Mart } from "@jukebase/platform/mart.ts";
import type { Ids } from "./ids.ts";
import { idsOf } from "./ids.ts";
import type { Project } from "./project.ts";

/** What a node stands on, in the words of the manifest: `refs` are marts and seeds, `sources` the tables of domains. */
export type StandsOn = {
  readonly refs: readonly { readonly name: string; readonly package: null; readonly version: null }[];
  readonly sources: readonly (readonly string[])[];
  readonly depends_on: { readonly macros: readonly string[]; readonly nodes: readonly string[] };
};

/** Finds what a relation, `schema.name`, is in the project: a mart, a seed, or else a source. */
export type Finder = {
  readonly ids: Ids;
  readonly idOf: (relation: string) => string;
  /** What stands on these relations, in the order given. */
  readonly standsOn: (relations: readonly string[]) => StandsOn;
  readonly mart: (name: string) => Mart | undefined;
};

/** The finder of a project. */
export function finderOf(project: Pick<Project, "name" | "marts" | "seeds">): Finder {
  const ids = idsOf(project.name);
  const marts = new Map(project.marts.map(({ mart }) => [mart.name, mart]));
  const seeds = new Set(project.seeds.map(({ seed }) => seed.name));
  const kindOf = (relation: string): { readonly id: string; readonly schema: string; readonly name: string; own: boolean } => {
    const [schema = "", name = ""] = relation.split(".");
    const mart = schema === "marts" ? marts.get(name) : undefined;
    if (mart !== undefined) return { id: ids.mart(mart), schema, name, own: true };
    if (schema === "seeds" && seeds.has(name)) return { id: ids.seed(name), schema, name, own: true };
    return { id: ids.source(schema, name), schema, name, own: false };
  };
  return {
    ids,
    idOf: (relation) => kindOf(relation).id,
    mart: (name) => marts.get(name),
    standsOn: (relations) => {
      const found = relations.map(kindOf);
      return {
        refs: found.filter(({ own }) => own).map(({ name }) => ({ name, package: null, version: null })),
        sources: found.filter(({ own }) => !own).map(({ schema, name }) => [schema, name]),
        depends_on: { macros: [], nodes: [...new Set(found.map(({ id }) => id))] },
      };
    },
  };
}
