import { lineageGraph, type PageReading } from "@jukebase/domains/lineage-graph.ts";
import type { Graph } from "@jukebase/marts/lineage/graph.ts";
import type { Domain } from "@jukebase/platform";
import { isDrawnMonthly } from "../figures.ts";

/** The lineage of all domains, up to the pages of this console. Worked out once for each list of domains: it is made of source alone. */
export function consoleGraph(domains: readonly Domain[]): Graph {
  const graph = known.get(domains) ?? lineageGraph(domains, pagesOf(domains));
  known.set(domains, graph);
  return graph;
}

const known = new WeakMap<readonly Domain[], Graph>();

function pagesOf(domains: readonly Domain[]): PageReading[] {
  const reports = domains.flatMap((domain) => domain.reports.filter(isDrawnMonthly)).map(({ name }) => name);
  const description = "The first page: the figures of the last complete month, and small charts.";
  return reports.length === 0 ? [] : [{ path: "/", title: "Overview", description, reports }];
}
