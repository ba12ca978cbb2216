import { isGlob, matches } from "./glob.ts";
import type { SelectionNode } from "./graph.ts";

/** What cannot be read off the graph, by node id: how nodes differ from what is built, and how their last runs ended. */
export type SelectionFacts = {
  readonly states?: ReadonlyMap<string, ReadonlySet<string>>;
  readonly results?: ReadonlyMap<string, ReadonlySet<string>>;
};

/** How a criterion's value is compared: with which texts of a node, and by what rule. */
export type Method = {
  /** The texts of a node by which it is found, by wildcards too. */
  readonly texts: (node: SelectionNode, key: string | undefined, facts: SelectionFacts) => readonly string[];
  /** Folders that stand for all they hold, but only by their whole name: `s*` is no folder. */
  readonly folders?: (node: SelectionNode) => readonly string[];
  /** When it is not plain equality with one of the texts, wildcards allowed. */
  readonly matches?: (value: string, text: string) => boolean;
  /** The values there can be, when they are few. */
  readonly values?: readonly string[];
  /** The keys that may stand after the method's name, when it takes one. */
  readonly keys?: readonly string[];
};

/** Every method, by the name before the colon; without one it is `fqn`. */
export const methods: Readonly<Record<string, Method>> = {
  fqn: {
    texts: (node) => (isBuilt(node) ? [node.name, node.fqn.join(".")] : []),
    folders: (node) => (isBuilt(node) ? foldersOf(node.fqn, ".") : []),
  },
  path: {
    texts: ({ path }) => (path === undefined ? [] : foldersOf(path.split("/"), "/")),
    matches: (value, path) => matches(value.replace(/^\.\//, "").replace(/\/$/, ""), path, "/"),
  },
  file: {
    texts: ({ path = "" }) => {
      const file = path.split("/").at(-1) ?? "";
      return file === "" ? [] : [file, file.replace(/\.\w+$/, "")];
    },
  },
  package: { texts: ({ fqn: [name] }) => (name === undefined ? [] : [name]) },
  tag: { texts: ({ tags }) => tags },
  owner: { texts: ownerOf },
  group: { texts: ownerOf },
  config: { texts: ({ config }, key = "") => config[key] ?? [], keys: ["materialized", "tags", "owner"] },
  source: {
    texts: ({ kind, name }) => (kind === "source" ? [name] : []),
    folders: ({ kind, fqn }) => (kind === "source" ? foldersOf(fqn, ".") : []),
  },
  exposure: { texts: ({ kind, name }) => (kind === "exposure" ? [name] : []) },
  resource_type: {
    texts: ({ kind }) => (kind === "mart" ? ["mart", "model"] : [kind]),
    values: ["mart", "model", "seed", "source", "exposure", "test"],
  },
  test_type: { texts: ({ test }) => test?.types ?? [], values: ["generic", "singular", "data", "unit"] },
  test_name: { texts: ({ test }) => (test === undefined ? [] : [test.name]) },
  state: {
    texts: ({ id }, _, { states }) => [...(states?.get(id) ?? [])],
    values: [
      "new",
      "old",
      "modified",
      "unmodified",
      "modified.body",
      "modified.configs",
      "modified.contract",
      "modified.relation",
      "modified.persisted_descriptions",
    ],
  },
  result: {
    texts: ({ id }, _, { results }) => [...(results?.get(id) ?? [])],
    values: ["pass", "warn", "fail", "error", "skipped", "success"],
  },
};

/** Whether a node is what a method asks for by this value. */
export function isMeant(
  method: Method,
  value: string,
  node: SelectionNode,
  key: string | undefined,
  facts: SelectionFacts,
): boolean {
  const same = method.matches ?? matches;
  return method.texts(node, key, facts).some((text) => same(value, text)) || (method.folders?.(node) ?? []).includes(value);
}

/** The method that a name without one is asked by: paths and files are known by how they look. */
export function methodOf(method: string, value: string): string {
  if (method !== "fqn") return method;
  if (value.includes("/")) return "path";
  return /\.(sql|csv)$/.test(value) && !isGlob(value) ? "file" : "fqn";
}

function ownerOf({ owner }: SelectionNode): readonly string[] {
  return owner === undefined ? [] : [owner];
}

function isBuilt({ kind }: SelectionNode): boolean {
  return kind === "mart" || kind === "seed" || kind === "test";
}

/** `a.b.c` is found as `a`, `a.b` and `a.b.c`: a folder is all that it holds. */
function foldersOf(parts: readonly string[], between: string): string[] {
  return parts.map((_, n) => parts.slice(0, n + 1).join(between));
}
