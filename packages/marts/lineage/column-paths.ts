import type { ColumnLineage, ColumnOrigin } from "./columns.ts";
import type { Direction } from "./graph.ts";

/** A column, or (without one) a relation as a whole. */
export type ColumnPlace = { readonly relation: string; readonly column: string | undefined };

/** That one column stands on another; a condition decides over all rows of the relation `to`. */
export type ColumnStep = { readonly from: ColumnPlace; readonly to: ColumnPlace; readonly how: ColumnOrigin["how"] };

/** What is asked: from which column of a mart (or all of them), which way, and over how many relations. */
export type ColumnQuestion = {
  readonly mart: string;
  readonly column: string | undefined;
  readonly direction: Direction;
  readonly depth: number;
};

/**
 * The steps by which a column comes to be, and those by which others come to stand on it. A condition is told but not followed: what lies
 * behind it does not come through.
 */
export function columnSteps(lineage: readonly ColumnLineage[], { mart, column, direction, depth }: ColumnQuestion): ColumnStep[] {
  const all = lineage.flatMap(stepsOf);
  const start = lineage
    .filter((one) => one.mart === mart && (column === undefined || one.column === column))
    .map((one) => placeKey({ relation: `marts.${mart}`, column: one.column }));
  const found = new Map<string, ColumnStep>();
  if (direction !== "downstream")
    follow(
      Map.groupBy(all, ({ to }) => placeKey(to)),
      ({ from }) => from,
      start,
      depth,
      found,
    );
  if (direction !== "upstream")
    follow(
      Map.groupBy(all, ({ from }) => placeKey(from)),
      ({ to }) => to,
      start,
      depth,
      found,
    );
  return [...found.values()];
}

function stepsOf({ mart, column, from }: ColumnLineage): ColumnStep[] {
  const to = { relation: `marts.${mart}`, column };
  return from.map(({ relation, column: origin, how }) => ({ from: { relation, column: origin }, to, how }));
}

function follow(
  steps: ReadonlyMap<string, readonly ColumnStep[]>,
  next: (step: ColumnStep) => ColumnPlace,
  start: readonly string[],
  depth: number,
  found: Map<string, ColumnStep>,
): void {
  const seen = new Set(start);
  for (let at = start, far = 0; at.length > 0 && far < depth; far += 1) {
    const beyond: string[] = [];
    for (const step of at.flatMap((key) => steps.get(key) ?? [])) {
      const told = wholeWhereCondition(step);
      found.set(`${placeKey(told.from)}\t${placeKey(told.to)}`, told);
      const key = placeKey(next(step));
      if (step.how === "condition" || seen.has(key)) continue;
      seen.add(key);
      beyond.push(key);
    }
    at = beyond;
  }
}

function wholeWhereCondition(step: ColumnStep): ColumnStep {
  return step.how === "condition" ? { ...step, to: { relation: step.to.relation, column: undefined } } : step;
}

function placeKey({ relation, column }: ColumnPlace): string {
  return `${relation}\n${column ?? ""}`;
}
