import { type Graph, graphOf, type LineageNode, type NodeKind } from "./graph.ts";

/**
 * A made-up graph with so many marts, for tests and measurements: tables beneath, each mart on one to three earlier ones, dashboards on some.
 * The same number gives the same graph.
 */
export function sampleGraph(marts: number): Graph {
  const chance = dice(marts);
  const tables = Array.from({ length: Math.ceil(marts / 3) }, (_, n) => node("table", `shop.table_${n}`));
  const made = Array.from({ length: marts }, (_, n) => node("mart", `${n % 4 === 0 ? "dim" : "fct"}_sample_${n}`));
  const dashboards = Array.from({ length: Math.ceil(marts / 5) }, (_, n) => node("exposure", `dashboard-${n}`));
  const edges = made.flatMap((mart, n) => {
    const beneath = Array.from({ length: 1 + chance(3) }, () => (n < marts / 4 ? tables : made.slice(Math.max(0, n - 40), n)));
    return beneath.map((from) => ({ from: from[chance(from.length)]?.id ?? "", to: mart.id }));
  });
  const read = dashboards.map((dashboard) => ({ from: made[chance(marts)]?.id ?? "", to: dashboard.id }));
  return graphOf([...tables, ...made, ...dashboards], [...edges, ...read]);
}

function node(kind: NodeKind, name: string): LineageNode {
  return { id: `${kind}:${name}`, kind, name, description: `The sample ${name}.`, note: kind };
}

/** Numbers from 0 up to but without `sides`, always the same row of them for a seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * sides);
  };
}
