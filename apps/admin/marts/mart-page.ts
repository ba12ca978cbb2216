import type { Jukebase } from "@jukebase/domains/open.ts";
import { findNode, type Graph, type LineageNode, neighbours } from "@jukebase/marts/lineage/graph.ts";
import type { Executor } from "@jukebase/platform";
import { aroundNode } from "./lineage-parts.ts";
import { columnFacts, sqlOf } from "./mart-facts.ts";
import type { MartRecord } from "./mart-records.ts";
import type { MartPage } from "./mart-view.ts";
import { checksOn } from "./test-lines.ts";

/** Gathers what the page of a mart tells, but for its rows. */
export async function martPage(
  db: Executor,
  {
    jukebase,
    record,
    graph,
    href,
  }: {
    readonly jukebase: Pick<Jukebase, "marts" | "domains">;
    readonly record: MartRecord;
    readonly graph: Graph;
    readonly href: (node: LineageNode) => string | undefined;
  },
): Promise<MartPage> {
  const { mart } = record;
  const node = findNode(graph, `mart:${mart.name}`);
  const nodes = new Map(graph.nodes.map((one) => [one.id, one]));
  return {
    record,
    columns: await columnFacts(db, jukebase, record),
    sql: await sqlOf(mart),
    checks: await checksOn(
      db,
      mart,
      jukebase.domains.flatMap((domain) => domain.checks),
    ),
    readers: (neighbours(graph, "downstream").get(node.id) ?? []).flatMap((id) => nodes.get(id) ?? []),
    referredBy: jukebase.marts
      .filter(({ references = [] }) => references.some((reference) => reference.mart === mart.name))
      .map(({ name }) => name),
    lineage: await aroundNode(graph, node, { depth: 1, direction: "both" }, { href, folded: true }),
  };
}
