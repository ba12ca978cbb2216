import { domainGraph, selectNodes, testId } from "@jukebase/marts";
import { beforeAll, describe, expect, test } from "vitest";
import { domains } from "./index.ts";

let graph: Awaited<ReturnType<typeof domainGraph>>;

beforeAll(async () => {
  graph = await domainGraph(domains);
});

const ids = (select: string, exclude: readonly string[] = []) => selectNodes(graph, { select: [select], exclude }).ids;
const marts = (select: string, ...exclude: readonly string[]) =>
  [...ids(select, exclude)]
    .filter((id) => id.startsWith("mart."))
    .map((id) => id.slice("mart.".length))
    .sort();

describe("the graph of all domains", () => {
  test("holds every mart, what each reads, what tests it and what shows it", () => {
    const found = (kind: string) => [...graph.nodes.values()].filter((node) => node.kind === kind).map(({ name }) => name);
    expect(found("mart").sort()).toEqual(domains.flatMap((domain) => domain.marts.map(({ name }) => name)).sort());
    expect(found("seed")).toEqual(["agent_reward_rules"]);
    expect(found("exposure").sort()).toEqual(domains.flatMap((domain) => domain.reports.map(({ name }) => name)).sort());
    for (const check of domains.flatMap((domain) => domain.checks)) expect(graph.nodes.has(testId(check.name))).toBe(true);
    for (const mart of domains.flatMap((domain) => domain.marts))
      expect(graph.readBy.get(`mart.${mart.name}`)?.some((id) => id.startsWith("test.unique_"))).toBe(true);
    for (const reads of graph.reads.values()) for (const id of reads) expect(graph.nodes.has(id)).toBe(true);
  });

  test("is asked by dbt's grammar", () => {
    const sales = marts("package:sales");
    expect(sales).toContain("fct_sales");
    expect(marts("path:packages/sales")).toEqual(sales);
    expect(marts("sales")).toEqual(sales);
    expect(marts("fct_*,owner:finance")).toEqual(marts("package:finance").filter((name) => name.startsWith("fct_")));
    expect(marts("1+exposure:total-sales")).toEqual(["fct_sales"]);
    expect(marts("source:sales.purchase+,fct_*", "fct_device_purchases")).toEqual(["fct_daily_cash_spent"]);
    expect(marts("agent_reward_rules+1")).toContain("dim_agent_reward_rules");
    expect(marts("+cash_by_day_adds_up_to_the_payments,fct_daily_*")).toEqual(["fct_daily_cash_received"]);
    expect(marts("config.materialized:incremental,fct_sales")).toEqual(["fct_sales"]);
    expect(marts("*", "*")).toEqual([]);
  });
});
