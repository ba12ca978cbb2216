import { type Edge, type Graph, graphOf, type LineageNode, type NodeKind } from "@jukebase/marts/lineage/graph.ts";
import type { Domain, Projection } from "@jukebase/platform";

/** A page of an app that shows what reports answer. */
export type PageReading = {
  readonly path: string;
  readonly title: string;
  readonly description: string;
  /** Names of the reports on it. */
  readonly reports: readonly string[];
};

/**
 * Everything from event types to whoever reads the marts. A projection stands between the types it reads and the tables it derives: from
 * which of them it derives which, only its code says. A table that keeps one type's facts stands on that type alone.
 */
export function lineageGraph(domains: readonly Domain[], pages: readonly PageReading[] = []): Graph {
  const marts = domains.flatMap((domain) => domain.marts);
  const tables = [...new Set(marts.flatMap(({ reads }) => Object.keys(reads)))].filter((name) => !name.startsWith("marts."));
  const reads = marts.flatMap(({ name, reads: read }) => Object.keys(read).map((from) => edge(relationId(from), `mart:${name}`)));
  const parts = [
    { nodes: tables.map((name) => relationNode(name, domains)), edges: [] },
    { nodes: marts.map((mart) => node("mart", mart.name, mart.description, mart.kind)), edges: reads },
    ...domains.flatMap((domain) => domain.projections.map((projection) => beneath(domain, projection, tables))),
    ...domains.map(readers),
    ...pages.map((page) => pageReads(page)),
  ];
  return graphOf(
    parts.flatMap(({ nodes }) => nodes),
    parts.flatMap(({ edges }) => edges),
  );
}

/** The node of a relation as `reads` names it. */
function relationId(name: string): string {
  if (name.startsWith("marts.")) return `mart:${name.slice("marts.".length)}`;
  return `${name.startsWith("seeds.") ? "seed" : "table"}:${name}`;
}

type Part = { readonly nodes: readonly LineageNode[]; readonly edges: readonly Edge[] };

function beneath(domain: Domain, { name, schema, types, facts }: Projection, read: readonly string[]): Part {
  const factTables = new Map(Object.entries(facts).map(([type, table]) => [`${schema}.${table}`, type]));
  const own = read.filter((table) => table.startsWith(`${schema}.`));
  const derived = own.filter((table) => !factTables.has(table));
  const events = types.map((type) => {
    const contract = domain.events.find((one) => one.type === type);
    return node("event", type, contract?.description ?? `Events of the type ${type}.`, "event type");
  });
  const direct = own.flatMap((table) => {
    const type = factTables.get(table);
    return type === undefined ? [] : [edge(`event:${type}`, `table:${table}`)];
  });
  if (derived.length === 0) return { nodes: events, edges: direct };
  const says = `Derives the tables of the schema ${schema} from ${types.length} types of events.`;
  const through = [
    ...types.map((type) => edge(`event:${type}`, `projection:${name}`)),
    ...derived.map((table) => edge(`projection:${name}`, `table:${table}`)),
  ];
  return { nodes: [...events, node("projection", name, says, "projection")], edges: [...direct, ...through] };
}

function readers({ reports, exposures = [] }: Domain): Part {
  const nodes = [
    ...reports.map(({ name, title, description }) => node("report", name, description, `report: ${title}`)),
    ...exposures.map(({ name, kind, title, description, url }) => ({
      ...node("exposure", name, description, `${kind}: ${title}`),
      url,
    })),
  ];
  const edges = [
    ...reports.flatMap(({ name, marts }) => marts.map((mart) => edge(`mart:${mart}`, `report:${name}`))),
    ...exposures.flatMap(({ name, marts }) => marts.map((mart) => edge(`mart:${mart}`, `exposure:${name}`))),
  ];
  return { nodes, edges };
}

function pageReads({ path, title, description, reports }: PageReading): Part {
  const id = `page:${path}`;
  const page = { id, kind: "page" as const, name: title, description, note: "page of the console" };
  return { nodes: [page], edges: reports.map((report) => edge(`report:${report}`, id)) };
}

function relationNode(name: string, domains: readonly Domain[]): LineageNode {
  const [schema = "", table = ""] = name.split(".");
  if (schema === "seeds") {
    const seed = domains.flatMap(({ seeds = [] }) => seeds).find((one) => one.name === table);
    return node("seed", name, seed?.description ?? `Reference data, from db/seeds/${table}.csv.`, "reference data");
  }
  const writer = domains.flatMap(({ projections }) => projections).find((one) => one.schema === schema);
  const says = writer === undefined ? "A table of the platform." : `A table that the projection ${writer.name} writes.`;
  return node("table", name, says, "table");
}

function node(kind: NodeKind, name: string, description: string, note: string): LineageNode {
  return { id: `${kind}:${name}`, kind, name, description, note };
}

function edge(from: string, to: string): Edge {
  return { from, to };
}
