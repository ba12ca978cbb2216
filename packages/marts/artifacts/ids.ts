import type { Mart } from "@jukebase/platform/mart.ts";
import { sha256 } from "./source-text.ts";

/** How the parts of a project are named in artifacts: every edge is a pair of such ids. */
export type Ids = {
  readonly mart: (mart: Pick<Mart, "name" | "kind">) => string;
  readonly seed: (name: string) => string;
  readonly source: (schema: string, relation: string) => string;
  /** A generic test: the hash tells two apart whose names are equal. */
  readonly test: (name: string, told: unknown) => string;
  readonly check: (name: string) => string;
  readonly unitTest: (mart: string, title: string) => string;
  readonly exposure: (name: string) => string;
  readonly group: (owner: string) => string;
  readonly doc: (name: string) => string;
};

/** The ids of a project of that name. */
export function idsOf(project: string): Ids {
  return {
    mart: ({ name, kind }) => `${kind === "snapshot" ? "snapshot" : "model"}.${project}.${name}`,
    seed: (name) => `seed.${project}.${name}`,
    source: (schema, relation) => `source.${project}.${schema}.${relation}`,
    test: (name, told) => `test.${project}.${name}.${sha256(JSON.stringify(told)).slice(0, 10)}`,
    check: (name) => `test.${project}.${identifier(name)}`,
    unitTest: (mart, title) => `unit_test.${project}.${mart}.${identifier(title)}`,
    exposure: (name) => `exposure.${project}.${identifier(name)}`,
    group: (owner) => `group.${project}.${identifier(owner)}`,
    doc: (name) => `doc.${project}.${name}`,
  };
}

/** A text as a name that stands in an id: lower case, digits and underscores. */
export function identifier(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_|_$/g, "");
}
