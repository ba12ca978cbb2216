import type { ColumnStep } from "./column-paths.ts";

/** A column and what lies beyond it; `how` says how the step goes there. */
export type ColumnBranch = {
  readonly relation: string;
  readonly column: string | undefined;
  readonly how: ColumnStep["how"];
  readonly branches: readonly ColumnBranch[];
};

/** The steps from a column as a tree, on the side of what it is made of or of what is made of it. A place is unfolded once. */
export function columnTree(
  steps: readonly ColumnStep[],
  relation: string,
  column: string,
  way: "upstream" | "downstream",
): ColumnBranch[] {
  const [here, there] = way === "upstream" ? (["to", "from"] as const) : (["from", "to"] as const);
  const told = new Set<string>();
  const below = (at: string, name: string): ColumnBranch[] => {
    if (told.has(`${at}\n${name}`)) return [];
    told.add(`${at}\n${name}`);
    const own = steps.filter((step) => step[here].relation === at && leads(step, here, name, way));
    return own.map((step) => {
      const { relation: next, column: of } = step[there];
      return { relation: next, column: of, how: step.how, branches: step.how === "condition" ? [] : below(next, of ?? "") };
    });
  };
  return below(relation, column);
}

/** A tree as lines with rules in front, as a terminal shows it. */
export function columnTreeLines(branches: readonly ColumnBranch[], before = ""): string[] {
  return branches.flatMap(({ relation, column, how, branches: deeper }, n) => {
    const last = n === branches.length - 1;
    const place = column === undefined ? relation : `${relation}.${column}`;
    const line = `${before}${last ? "└─ " : "├─ "}${place} (${words[how]})`;
    return [line, ...columnTreeLines(deeper, `${before}${last ? "   " : "│  "}`)];
  });
}

const words = { same: "the same value", computed: "a part of it", condition: "decides which rows count" } as const;

// What chooses the rows of a relation stands under each of its columns.
function leads(step: ColumnStep, here: "from" | "to", name: string, way: "upstream" | "downstream"): boolean {
  return step[here].column === name || (way === "upstream" && step.how === "condition");
}
