import { Invalid, NotFound } from "@jukebase/platform/errors.ts";
import { isGlob } from "./glob.ts";
import { type SelectionGraph, type SelectionNode, withAncestors, withDescendants } from "./graph.ts";
import { isMeant, type Method, methodOf, methods, type SelectionFacts } from "./methods.ts";
import { didYouMean, nearest } from "./near.ts";
import { type Criterion, parseSelection, type Selection, unreadable } from "./parse.ts";

/** What was asked for: texts as `--select` and `--exclude` give them. Without `select`, everything. */
export type Asked = { readonly select?: readonly string[] | undefined; readonly exclude?: readonly string[] | undefined };

/** The ids selected, and a sentence for each part that selects nothing. */
export type Selected = { readonly ids: ReadonlySet<string>; readonly notes: readonly string[] };

/** Which facts a selection cannot be answered without. Throws as `select` does when it cannot be read. */
export function factsNeeded({ select: wanted = [], exclude = [] }: Asked): ReadonlySet<keyof SelectionFacts> {
  const used = [...readSelection(wanted), ...readSelection(exclude)].flat().map(({ method }) => method);
  return new Set([
    ...(used.includes("state") ? ["states" as const] : []),
    ...(used.includes("result") ? ["results" as const] : []),
  ]);
}

/**
 * The nodes that were asked for: all that any group of `select` selects, without what any group of `exclude` does. A test comes along
 * with each node it tests. Throws Invalid when a selection cannot be read, asks by an unknown method or for a value there cannot be, and
 * NotFound, with the names most like it, for a name that no node has.
 */
export function selectNodes(
  graph: SelectionGraph,
  { select: wanted, exclude = [] }: Asked,
  facts: SelectionFacts = {},
): Selected {
  const notes: string[] = [];
  const every = wanted === undefined || wanted.length === 0;
  const ids = every ? new Set(graph.nodes.keys()) : unionOf(graph, readSelection(wanted), facts, notes);
  const without = unionOf(graph, readSelection(exclude), facts, notes);
  const left = new Set([...ids].filter((id) => !without.has(id)));
  if (left.size === 0 && ids.size > 0) notes.push("Everything that was selected is excluded.");
  return { ids: left, notes };
}

function readSelection(texts: readonly string[]): Selection {
  const selection = parseSelection(texts);
  for (const criterion of selection.flat()) refuseUnknown(criterion);
  return selection;
}

function unionOf(graph: SelectionGraph, selection: Selection, facts: SelectionFacts, notes: string[]): ReadonlySet<string> {
  const union = new Set<string>();
  for (const group of selection) {
    const sets = group.map((criterion) => withTests(graph, criterionSet(graph, criterion, facts, notes)));
    const both = new Set([...(sets[0] ?? [])].filter((id) => sets.every((set) => set.has(id))));
    if (both.size === 0 && sets.every(({ size }) => size > 0))
      notes.push(
        `"${group.map(({ text }) => text).join(",")}" selects nothing: a comma asks for what is in both; for either, write a space.`,
      );
    for (const id of both) union.add(id);
  }
  return union;
}

function criterionSet(graph: SelectionGraph, criterion: Criterion, facts: SelectionFacts, notes: string[]): Set<string> {
  const { value, key, around, ancestors, descendants } = criterion;
  const name = methodOf(criterion.method, value);
  const method = methodNamed(name);
  const meant = [...graph.nodes.values()].filter((node) => isMeant(method, value, node, key, facts)).map(({ id }) => id);
  if (meant.length === 0) notes.push(nothing(graph, criterion, name, method, facts));
  if (around) return withAncestors(graph, withDescendants(graph, meant));
  return new Set([...withAncestors(graph, meant, ancestors), ...withDescendants(graph, meant, descendants)]);
}

// As dbt does ("eager"): a test is selected with any of the nodes it reads.
function withTests(graph: SelectionGraph, ids: Set<string>): Set<string> {
  const tests = [...ids].flatMap((id) => graph.readBy.get(id) ?? []).filter((id) => graph.nodes.get(id)?.kind === "test");
  return new Set([...ids, ...tests]);
}

function refuseUnknown({ method: name, key, value, source }: Criterion): void {
  const method = methods[name];
  if (method === undefined) {
    const near = didYouMean(nearest(name, Object.keys(methods)).map((each) => `${each}:`));
    throw unreadable(source, `there is no method "${name}:".${near} There are: ${Object.keys(methods).join(", ")}`);
  }
  if (key === undefined ? method.keys !== undefined : !(method.keys ?? []).includes(key)) {
    const wanted =
      method.keys === undefined ? `"${name}:" takes nothing after a dot` : `"${name}." takes ${method.keys.join(", ")}`;
    throw unreadable(source, wanted);
  }
  if (method.values !== undefined && !isGlob(value) && !method.values.includes(value))
    throw unreadable(
      source,
      `"${name}:" takes ${method.values.join(", ")}.${didYouMean(nearest(value, method.values))} Not "${value}"`,
    );
}

function methodNamed(name: string): Method {
  const method = methods[name];
  if (method === undefined) throw new Invalid(`There is no method "${name}:"`);
  return method;
}

function nothing(graph: SelectionGraph, criterion: Criterion, name: string, method: Method, facts: SelectionFacts): string {
  const { value, key, text } = criterion;
  if (name === "state" || name === "result" || isGlob(value)) return `"${text}" selects nothing.`;
  const nodes = [...graph.nodes.values()];
  const texts = nodes.flatMap((node) => [...method.texts(node, key, facts), ...(method.folders?.(node) ?? [])]);
  if (name !== "fqn") return `"${text}" selects nothing.${didYouMean(nearest(value, texts))}`;
  const near = nearest(value, value.includes(".") ? texts : texts.filter((each) => !each.includes(".")));
  throw new NotFound(
    `There is no mart "${value}", nor a seed, test or domain of that name.${didYouMean([...near, ...elsewhere(nodes, value)])}`,
  );
}

// A name without a method is a mart's; what else bears it is asked for by its method.
function elsewhere(nodes: readonly SelectionNode[], value: string): string[] {
  return nodes
    .filter(({ kind, name }) => (kind === "source" || kind === "exposure") && name === value)
    .map(({ kind, name }) => `${kind}:${name}`);
}
