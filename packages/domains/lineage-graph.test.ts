import { neighbours } from "@jukebase/marts/lineage/graph.ts";
import type { Domain, Exposure } from "@jukebase/platform";
import { expect, test } from "vitest";
import { domains } from "./index.ts";
import { lineageGraph } from "./lineage-graph.ts";

const dashboard: Exposure = {
  name: "board-pack",
  kind: "dashboard",
  title: "Board pack",
  description: "What the board sees.",
  owner: { name: "Finance" },
  marts: ["fct_payments"],
};
const [first, ...others] = domains as readonly [Domain, ...Domain[]];
const page = { path: "/", title: "Overview", description: "Figures of the month.", reports: ["total-sales"] };
const graph = lineageGraph([{ ...first, exposures: [dashboard] }, ...others], [page]);
const [above, below] = [neighbours(graph, "upstream"), neighbours(graph, "downstream")];

test("every mart stands on exactly what it declares to read", () => {
  for (const { name, reads } of domains.flatMap((domain) => domain.marts)) {
    const told = (above.get(`mart:${name}`) ?? []).map((id) => id.replace(/^mart:/, "marts.").replace(/^(table|seed):/, ""));
    expect([name, told.toSorted()]).toEqual([name, Object.keys(reads).toSorted()]);
  }
});

test("every report, page and exposure stands at the end, on what it reads", () => {
  for (const { name, marts } of domains.flatMap((domain) => domain.reports)) {
    expect(above.get(`report:${name}`)?.toSorted()).toEqual(marts.map((mart) => `mart:${mart}`).toSorted());
  }
  expect(above.get("page:/")).toEqual(["report:total-sales"]);
  expect(above.get("exposure:board-pack")).toEqual(["mart:fct_payments"]);
  expect(below.has("exposure:board-pack")).toBe(false);
});

test("every event type leads somewhere: into its own facts, or through its projection into what that derives", () => {
  for (const type of domains.flatMap(({ projections }) => projections.flatMap(({ types }) => types))) {
    expect([type, below.get(`event:${type}`)?.length ?? 0]).not.toEqual([type, 0]);
  }
  expect(above.get("table:music.play")).toEqual(["event:Music.SongListened"]);
  expect(above.get("table:sales.payment")).toEqual(["projection:sales"]);
});
