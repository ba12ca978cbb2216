import { placedColumns } from "@jukebase/admin/marts/column-drawing.ts";
import { columnsToDraw } from "@jukebase/admin/marts/columns-part.ts";
import { graphFile } from "@jukebase/console";
import type { ColumnPlace, ColumnStep } from "@jukebase/marts/lineage/column-paths.ts";
import { columnTree, columnTreeLines } from "@jukebase/marts/lineage/column-tree.ts";
import { graphOf, type LineageNode } from "@jukebase/marts/lineage/graph.ts";
import { mermaidOf } from "@jukebase/marts/lineage/mermaid.ts";
import { type Executor, Invalid, type Mart, NotFound } from "@jukebase/platform";
import { depthOf, directionOf, type LineageAnswer, type LineageAsked } from "./lineage-graph.ts";

/** The path of one column of a built mart. Throws NotFound for an unknown mart or column, Invalid when no mart is named. */
export async function columnAnswer(db: Executor, marts: readonly Mart[], asked: LineageAsked): Promise<LineageAnswer> {
  const { name: mart, column = "", format } = asked;
  if (mart === undefined) throw new Invalid("--column tells of a mart's column: name the mart before it.");
  if (!marts.some(({ name }) => name === mart)) throw new NotFound(`There is no mart "${mart}"; only marts have columns here.`);
  const drawing = await columnsToDraw(db, marts, { mart, column, direction: directionOf(asked), depth: depthOf(asked) });
  const value = { mart, column, exact: drawing.exact, steps: drawing.steps };
  switch (format) {
    case "json":
      return { value, text: JSON.stringify(value, null, 2) };
    case "mermaid":
      return { value, text: mermaidOf(graphOfSteps(drawing.steps)) };
    case "svg":
      return { value, text: graphFile(await placedColumns(drawing)) };
    case "tree":
      return { value, text: treesOf(drawing.steps, asked, `marts.${mart}`, column) };
  }
}

function treesOf(steps: readonly ColumnStep[], asked: LineageAsked, relation: string, column: string): string {
  const direction = directionOf(asked);
  const side = (title: string, way: "upstream" | "downstream"): string[] => {
    if (direction !== "both" && direction !== way) return [];
    const lines = columnTreeLines(columnTree(steps, relation, column, way));
    return ["", title, ...(lines.length === 0 ? ["└─ nothing"] : lines)];
  };
  return [`${relation}.${column}`, ...side("is made of", "upstream"), ...side("goes into", "downstream")].join("\n");
}

function graphOfSteps(steps: readonly ColumnStep[]) {
  const nodes = steps.flatMap(({ from, to }) => [from, to]).map(nodeOf);
  return graphOf(
    nodes,
    steps.map(({ from, to }) => ({ from: nodeOf(from).id, to: nodeOf(to).id })),
  );
}

function nodeOf({ relation, column }: ColumnPlace): LineageNode {
  const name = column === undefined ? relation : `${relation}.${column}`;
  return { id: name, kind: relation.startsWith("marts.") ? "mart" : "table", name, description: name, note: "" };
}
