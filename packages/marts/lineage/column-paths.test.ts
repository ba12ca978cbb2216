import { expect, test } from "vitest";
import { columnSteps } from "./column-paths.ts";
import { columnTree, columnTreeLines } from "./column-tree.ts";
import type { ColumnLineage, ColumnOrigin } from "./columns.ts";
import { martsInReach } from "./marts-in-reach.ts";

const origin = (text: string): ColumnOrigin => {
  const [how = "", place = ""] = text.split(" ");
  const [schema, relation, column = ""] = place.split(".");
  return { relation: `${schema}.${relation}`, column, how: how as ColumnOrigin["how"] };
};
const made = (mart: string, column: string, ...from: string[]): ColumnLineage => ({
  mart,
  column,
  from: from.map(origin),
  exact: true,
});

// t → a → b → c; k decides over the rows of a, and a.z over those of c.
const lineage = [
  made("a", "x", "computed s.t.x", "condition s.t.k"),
  made("a", "z", "same s.t.z", "condition s.t.k"),
  made("b", "y", "same marts.a.x"),
  made("c", "w", "computed marts.b.y", "condition marts.a.z"),
];
const told = (column: string | undefined, mart: string, direction: "both" | "upstream" | "downstream", depth = 9) =>
  columnSteps(lineage, { mart, column, direction, depth }).map(
    ({ from, to, how }) => `${from.relation}.${from.column} ${how} ${to.relation}.${to.column ?? "*"}`,
  );

test("the path of a column goes through marts to the tables; what chooses rows is told once, and not followed", () => {
  expect(told("w", "c", "upstream")).toEqual([
    "marts.b.y computed marts.c.w",
    "marts.a.z condition marts.c.*",
    "marts.a.x same marts.b.y",
    "s.t.x computed marts.a.x",
    "s.t.k condition marts.a.*",
  ]);
});

test("the path goes downstream too, and ends after as many relations as asked for", () => {
  expect(told("x", "a", "downstream")).toEqual(["marts.a.x same marts.b.y", "marts.b.y computed marts.c.w"]);
  expect(told("x", "a", "downstream", 1)).toEqual(["marts.a.x same marts.b.y"]);
  expect(told("z", "a", "downstream")).toEqual(["marts.a.z condition marts.c.*"]);
});

test("without a column all of the mart's are told", () => {
  expect(told(undefined, "a", "both", 1)).toEqual([
    "s.t.x computed marts.a.x",
    "s.t.k condition marts.a.*",
    "s.t.z same marts.a.z",
    "marts.a.x same marts.b.y",
    "marts.a.z condition marts.c.*",
  ]);
});

test("a path is a tree for the terminal", () => {
  const steps = columnSteps(lineage, { mart: "c", column: "w", direction: "upstream", depth: 9 });
  expect(columnTreeLines(columnTree(steps, "marts.c", "w", "upstream"))).toEqual([
    "├─ marts.b.y (a part of it)",
    "│  └─ marts.a.x (the same value)",
    "│     ├─ s.t.x (a part of it)",
    "│     └─ s.t.k (decides which rows count)",
    "└─ marts.a.z (decides which rows count)",
  ]);
});

test("only marts within reach are read", () => {
  const marts = [
    { name: "a", reads: { "s.t": null } },
    { name: "b", reads: { "marts.a": null } },
    { name: "c", reads: { "marts.b": null, "s.t": null } },
    { name: "d", reads: { "s.t": null } },
  ];
  const reach = (mart: string, direction: "both" | "upstream" | "downstream", depth: number) =>
    martsInReach(marts, { mart, direction, depth }).map(({ name }) => name);
  expect(reach("b", "both", 1)).toEqual(["a", "b", "c"]);
  expect(reach("c", "upstream", 1)).toEqual(["b", "c"]);
  expect(reach("a", "downstream", Number.POSITIVE_INFINITY)).toEqual(["a", "b", "c"]);
  expect(reach("d", "both", 9)).toEqual(["d"]);
});
