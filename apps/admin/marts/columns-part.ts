import { graph, type Html, html } from "@jukebase/console";
import { columnsOf } from "@jukebase/marts";
import { type ColumnQuestion, columnSteps } from "@jukebase/marts/lineage/column-paths.ts";
import { columnLineage } from "@jukebase/marts/lineage/columns.ts";
import { martsInReach } from "@jukebase/marts/lineage/marts-in-reach.ts";
import { type Executor, type Mart, NotFound } from "@jukebase/platform";
import { type ColumnDrawing, placedColumns } from "./column-drawing.ts";
import { stepList } from "./column-list.ts";
import { type MartLinks, relationPage } from "./links.ts";

/** The lineage of a mart's columns, or of one: the drawing, and the same as a list. */
export async function columnsPart(
  db: Executor,
  marts: readonly Mart[],
  question: ColumnQuestion,
  links: MartLinks,
): Promise<Html> {
  const drawing = await columnsToDraw(db, marts, question);
  const hrefs = {
    relation: (relation: string) => relationPage(links, relation),
    column: (mart: string, column: string) => links.lineage({ focus: `mart:${mart}`, columns: true, column }),
  };
  const picture = graph(await placedColumns(drawing, hrefs));
  return html`${!drawing.exact && inexact}${keys}${picture}<h2 class="section">The same as a list</h2>${stepList(drawing, links)}`;
}

/** What is to be drawn of a mart's columns. `exact` is false when its SQL does not tell what makes each. Throws NotFound for an unknown column. */
export async function columnsToDraw(
  db: Executor,
  marts: readonly Mart[],
  question: ColumnQuestion,
): Promise<ColumnDrawing & { readonly exact: boolean }> {
  const { mart, column } = question;
  const meanings = new Map(
    marts.map((one) => [`marts.${one.name}`, new Map(columnsOf(one).map((each) => [each.name, each.description]))]),
  );
  const columns = [...(meanings.get(`marts.${mart}`)?.keys() ?? [])];
  if (column !== undefined && !columns.includes(column))
    throw new NotFound(`${mart} has no column "${column}". It has ${columns.join(", ")}.`);
  const lineage = await columnLineage(db, martsInReach(marts, question));
  const exact = lineage.every((one) => one.mart !== mart || one.exact);
  const meaning = (relation: string, name: string) =>
    meanings.get(relation)?.get(name) ?? "a column of a table beneath the marts.";
  return { steps: columnSteps(lineage, question), mart, columns, column, meaning, exact };
}

const inexact = html`<p class="all-well">What makes each column cannot be told from this mart's SQL: every column it uses is drawn as a part of each.</p>`;

const line = html`<svg class="key" width="28" height="10" aria-hidden="true"><path d="M0 5h28"/></svg>`;

const keys = html`<ul class="graph-keys"><li>${line}the value goes there</li><li class="dashed">${line}it decides which rows count</li></ul>`;
