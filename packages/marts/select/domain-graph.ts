import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Check, Domain, Exposure, Seed } from "@jukebase/platform/domain.ts";
import type { Mart } from "@jukebase/platform/mart.ts";
import type { Report } from "@jukebase/platform/report.ts";
import { parseSelect } from "../mart-select.ts";
import { type NamedTest, testsOfMart, testsOfSeed } from "../tests/named-test.ts";
import { type SelectionGraph, type SelectionNode, selectionGraph } from "./graph.ts";

/**
 * The graph of all domains: marts, the seeds and sources they read, what tests them, and the reports and exposures at its end.
 * Throws Invalid when a check's file cannot be parsed.
 */
export async function domainGraph(domains: readonly Domain[]): Promise<SelectionGraph> {
  const declared: Entry[] = [];
  for (const domain of domains) {
    for (const mart of domain.marts)
      declared.push(martEntry(domain, mart), ...testEntries(domain, pathOf(mart.file), testsOfMart(mart)));
    for (const seed of domain.seeds ?? [])
      declared.push(seedEntry(domain, seed), ...testEntries(domain, `db/seeds/${seed.name}.csv`, testsOfSeed(seed)));
    for (const check of domain.checks) declared.push(await checkEntry(domain, check));
    for (const report of domain.reports) declared.push(reportEntry(domain, report));
    for (const exposure of domain.exposures ?? []) declared.push(exposureEntry(domain, exposure));
  }
  const entries = new Map<string, Entry>();
  for (const entry of declared) entries.set(entry.node.id, joined(entries.get(entry.node.id), entry));
  for (const id of declared.flatMap(({ reads }) => reads)) if (!entries.has(id)) entries.set(id, groundEntry(id));
  return selectionGraph([...entries.values()]);
}

/** The id of a relation that a mart reads: `marts.x`, `seeds.x`, or a source. */
function idOfRelation(relation: string): string {
  const [schema = "", name = ""] = relation.split(".");
  if (schema === "marts") return `mart.${name}`;
  return schema === "seeds" ? `seed.${name}` : `source.${relation}`;
}

/** The id of a test, whose name may be a sentence. */
export function testId(name: string): string {
  return `test.${slug(name)}`;
}

type Entry = { readonly node: SelectionNode; readonly reads: readonly string[] };

function martEntry(domain: Domain, mart: Mart): Entry {
  const { name, kind, owner, tags = [], reads } = mart;
  const materialized = [kind, ...(wordsOfDbt[kind] ?? [])];
  const fqn = [domain.name, name];
  const config = { materialized, tags, owner: [owner] };
  return {
    node: { id: `mart.${name}`, kind: "mart", name, fqn, path: pathOf(mart.file), tags, owner, config },
    reads: Object.keys(reads).map(idOfRelation),
  };
}

/** What dbt calls these kinds. */
const wordsOfDbt: Readonly<Record<string, readonly string[]>> = { materialized: ["materialized_view"], rollup: ["incremental"] };

function testEntries(domain: Domain, path: string, tests: readonly NamedTest[]): Entry[] {
  return tests.map(({ name, test, marts, seed }) => {
    const reads = [...marts.map((mart) => `mart.${mart}`), ...(seed === undefined ? [] : [`seed.${seed}`])];
    return testEntry(domain, name, path, { types: ["generic", "data"], name: test.test }, reads);
  });
}

async function checkEntry(domain: Domain, check: Check): Promise<Entry> {
  const select = await parseSelect((await readFile(check.file, "utf8")).trimEnd().replace(/;$/, ""), pathOf(check.file));
  const reads = select.readings.map(({ schema, relation }) => idOfRelation(`${schema}.${relation}`));
  const test = { types: ["singular", "data"], name: slug(check.name) };
  return testEntry(domain, check.name, pathOf(check.file), test, [...new Set(reads)]);
}

function testEntry(
  domain: Domain,
  name: string,
  path: string,
  test: SelectionNode["test"] & {},
  reads: readonly string[],
): Entry {
  const node = {
    id: testId(name),
    kind: "test" as const,
    name: slug(name),
    fqn: [domain.name, slug(name)],
    path,
    tags: [],
    config: {},
  };
  return { node: { ...node, test }, reads };
}

function slug(name: string): string {
  return name.replaceAll(/\W+/g, "_");
}

function seedEntry(domain: Domain, { name, owner }: Seed): Entry {
  const config = { materialized: ["seed"], owner: [owner] };
  return {
    node: {
      id: `seed.${name}`,
      kind: "seed",
      name,
      fqn: [domain.name, name],
      path: `db/seeds/${name}.csv`,
      tags: [],
      owner,
      config,
    },
    reads: [],
  };
}

function reportEntry(domain: Domain, { name, marts }: Report): Entry {
  return exposed(domain.name, name, marts);
}

function exposureEntry(domain: Domain, { name, owner, marts }: Exposure): Entry {
  return exposed(domain.name, name, marts, owner.name);
}

function exposed(domain: string, name: string, marts: readonly string[], owner?: string): Entry {
  const node = { id: `exposure.${name}`, kind: "exposure" as const, name, fqn: [domain, name], tags: [], config: {} };
  return { node: owner === undefined ? node : { ...node, owner }, reads: marts.map((mart) => `mart.${mart}`) };
}

/** What marts read although no domain declares it: a source, or a seed without words. */
function groundEntry(id: string): Entry {
  const [kind = "", ...parts] = id.split(".");
  const name = parts.join(".");
  if (kind === "seed")
    return { node: { ...plain(id, "seed", name), path: `db/seeds/${name}.csv`, config: { materialized: ["seed"] } }, reads: [] };
  return { node: plain(id, kind === "mart" ? "mart" : "source", name), reads: [] };
}

function plain(id: string, kind: SelectionNode["kind"], name: string): SelectionNode {
  return { id, kind, name, fqn: kind === "source" ? name.split(".") : [name], tags: [], config: {} };
}

// The same name given twice (a report and an exposure, say) is one node that reads what either reads.
function joined(before: Entry | undefined, entry: Entry): Entry {
  return before === undefined ? entry : { node: before.node, reads: [...new Set([...before.reads, ...entry.reads])] };
}

function pathOf(file: URL): string {
  const path = relative(root, fileURLToPath(file)).replaceAll("\\", "/");
  return path.startsWith("../") ? fileURLToPath(file) : path;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
