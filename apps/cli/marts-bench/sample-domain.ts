import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Graph, type LineageNode, neighbours } from "@jukebase/marts/lineage/graph.ts";
import { sampleGraph } from "@jukebase/marts/lineage/sample-graph.ts";
import type { Domain, Exposure, Mart } from "@jukebase/platform";
import { z } from "zod";

/** A made-up domain: the statements that make its tables, and its marts and dashboards. */
export type SampleDomain = { readonly tables: readonly string[]; readonly domain: Domain };

/**
 * A domain with so many marts, real ones, that stand on one another as the sample graph says: rollups of eight columns over joins. Their
 * files are written to `folder`. The same number gives the same domain.
 */
export async function sampleDomain(marts: number, folder: string): Promise<SampleDomain> {
  const graph = sampleGraph(marts);
  const named = (kind: LineageNode["kind"]) => graph.nodes.filter((node) => node.kind === kind);
  const made = await Promise.all(named("mart").map((node) => sampleMart(graph, node, folder)));
  const exposures = named("exposure").map((node) => dashboard(graph, node));
  const domain = {
    name: "sample",
    title: "Sample",
    events: [],
    projections: [],
    marts: made,
    checks: [],
    reports: [],
    exposures,
  };
  return { tables: ["create schema shop", ...named("table").map(tableOf)], domain };
}

const amounts = ["amount", "cost", "margin", "share"];

function tableOf({ name }: LineageNode): string {
  return `create table ${name} (id integer primary key, day date not null, label text, ${amounts.map((column) => `${column} numeric`).join(", ")})`;
}

async function sampleMart(graph: Graph, { id, name, description }: LineageNode, folder: string): Promise<Mart> {
  const reads = (neighbours(graph, "upstream").get(id) ?? []).map((from) =>
    from.replace(/^mart:/, "marts.").replace(/^table:/, ""),
  );
  const file = join(folder, `${name}.sql`);
  await writeFile(file, selectOf(reads));
  const row = z.object(
    Object.fromEntries(
      columns.map((column) => [column, z.unknown().describe(`The ${column} of a sample, as it stands in ${name}.`)]),
    ),
  );
  return {
    name,
    kind: "rollup",
    file: pathToFileURL(file),
    description,
    grain: "One row per sample.",
    owner: "sample",
    key: ["id"],
    row,
    reads: Object.fromEntries(reads.map((relation) => [relation, "select id from changed"])),
    bucket: ["id"],
    freshness_s: 60,
  };
}

const columns = ["id", "day", "month", "label", ...amounts];

function selectOf(reads: readonly string[]): string {
  const [first = "", ...others] = reads.map((relation, n) => `${relation} as r${n}`);
  const joins = others.map((relation, n) => `left join ${relation} on r${n + 1}.id = r0.id`);
  const sums = amounts.map((column) => `${reads.map((_, n) => `coalesce(r${n}.${column}, 0)`).join(" + ")} as ${column}`);
  const selected = ["r0.id", "r0.day", "date_trunc('month', r0.day)::date as month", "r0.label", ...sums];
  return `-- The amounts of a sample are those of what it stands on, added up.\nselect ${selected.join(", ")}\nfrom ${first} ${joins.join(" ")}\n`;
}

function dashboard(graph: Graph, { id, name, description }: LineageNode): Exposure {
  const marts = (neighbours(graph, "upstream").get(id) ?? []).map((from) => from.slice("mart:".length));
  return { name, kind: "dashboard", title: name, description, owner: { name: "sample" }, marts };
}
