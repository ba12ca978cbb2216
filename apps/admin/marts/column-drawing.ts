import { boxSize, type GraphBox, type GraphProps, type GraphRow, type GraphWire } from "@jukebase/console";
import type { ColumnStep } from "@jukebase/marts/lineage/column-paths.ts";
import { layoutOf } from "@jukebase/marts/lineage/layout.ts";
import { nodeKinds } from "./node-kinds.ts";

/** What is drawn: the steps, about which columns of which mart (one of them, perhaps), and what each column means. */
export type ColumnDrawing = {
  readonly steps: readonly ColumnStep[];
  readonly mart: string;
  readonly columns: readonly string[];
  readonly column: string | undefined;
  readonly meaning: (relation: string, column: string) => string;
};

/** Where relations, and columns of marts, lead. */
export type ColumnHrefs = {
  readonly relation: (relation: string) => string | undefined;
  readonly column: (mart: string, column: string) => string | undefined;
};

/** Relations with the columns that matter, joined column by column; a dashed line goes from what only chooses rows. */
export async function placedColumns(drawing: ColumnDrawing, hrefs: ColumnHrefs = nowhere): Promise<GraphProps> {
  const { steps, mart, column } = drawing;
  const relations = rowsOf(drawing);
  const sized = [...relations].map(([relation, names]) => ({ relation, ...describe(drawing, relation, names, hrefs) }));
  const boxes = sized.map(({ relation, ...box }) => ({ id: relation, ...boxSize(box) }));
  const placed = await layoutOf({ boxes, wires: pairs(steps), between: { boxes: 16, ranks: 96 } });
  const places = new Map(placed.boxes.map((box) => [box.id, box]));
  const drawn = sized.flatMap(({ relation, ...box }): GraphBox[] => {
    const at = places.get(relation);
    return at === undefined ? [] : [{ ...at, ...box }];
  });
  const between = new Map(placed.wires.map(({ from, to, points }) => [`${from}\n${to}`, points]));
  const wires = [...Map.groupBy(steps, pairOf)].flatMap(([pair, own]) =>
    own.map((step, n) => wireOf(step, between.get(pair) ?? [], n - (own.length - 1) / 2, column !== undefined)),
  );
  const label = column === undefined ? `Columns of ${mart}, and what they are made of` : `The path of ${mart}.${column}`;
  const sorted = drawn.toSorted((a, b) => a.x - b.x || a.y - b.y);
  return { label, width: placed.width, height: placed.height, boxes: sorted, wires };
}

// A picture in a file leads nowhere.
const nowhere: ColumnHrefs = { relation: () => undefined, column: () => undefined };

// Of the mart itself every column, so that another can be chosen; of the others those that take part.
function rowsOf({ steps, mart, columns }: ColumnDrawing): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, Set<string>>([[`marts.${mart}`, new Set(columns)]]);
  for (const place of steps.flatMap(({ from, to }) => [from, to])) {
    const names = rows.get(place.relation) ?? new Set();
    if (place.column !== undefined) names.add(place.column);
    rows.set(place.relation, names);
  }
  return new Map([...rows].map(([relation, names]) => [relation, relation === `marts.${mart}` ? columns : [...names].sort()]));
}

function describe(
  { steps, mart, column, meaning }: ColumnDrawing,
  relation: string,
  names: readonly string[],
  hrefs: ColumnHrefs,
) {
  const own = relation === `marts.${mart}`;
  const isMart = relation.startsWith("marts.");
  const kind = isMart ? nodeKinds.mart : relation.startsWith("seeds.") ? nodeKinds.seed : nodeKinds.table;
  const title = isMart ? relation.slice("marts.".length) : relation;
  const going = steps.filter(({ how }) => how !== "condition").flatMap(({ from, to }) => [from, to]);
  const taking = new Set(going.map((place) => `${place.relation}\n${place.column}`));
  const rows = names.map((name): GraphRow => {
    const href = isMart ? hrefs.column(title, name) : undefined;
    const lit = column !== undefined && taking.has(`${relation}\n${name}`) ? ("lit" as const) : undefined;
    const stand = own && name === column ? ("current" as const) : lit;
    return { key: name, text: name, href, tooltip: `${relation}.${name}: ${meaning(relation, name)}`, stand };
  });
  const stand = own ? ("current" as const) : undefined;
  return {
    title,
    note: kind.title.toLowerCase(),
    series: kind.series,
    href: hrefs.relation(relation),
    tooltip: `${kind.title} ${title}`,
    stand,
    rows,
  };
}

function wireOf(step: ColumnStep, points: GraphWire["points"], place: number, oneColumn: boolean): GraphWire {
  const lit = oneColumn && step.how !== "condition" ? ("lit" as const) : undefined;
  const dashed = step.how === "condition";
  return {
    from: { box: step.from.relation, row: step.from.column },
    to: { box: step.to.relation, row: step.to.column },
    // Lines that go the same long way run side by side.
    points: points.map(({ x, y }) => ({ x, y: Math.round((y + place * 5) * 10) / 10 })),
    dashed,
    ends: "arrow",
    stand: lit ?? (dashed ? "faint" : undefined),
  };
}

function pairs(steps: readonly ColumnStep[]): { from: string; to: string }[] {
  return [...Map.groupBy(steps, pairOf).values()].map(([step]) => ({
    from: step?.from.relation ?? "",
    to: step?.to.relation ?? "",
  }));
}

function pairOf({ from, to }: ColumnStep): string {
  return `${from.relation}\n${to.relation}`;
}
