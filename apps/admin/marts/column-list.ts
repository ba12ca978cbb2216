import { attributes, type Html, type HtmlValue, html, join } from "@jukebase/console";
import type { ColumnStep } from "@jukebase/marts/lineage/column-paths.ts";
import type { ColumnLineage, ColumnOrigin } from "@jukebase/marts/lineage/columns.ts";
import type { ColumnDrawing } from "./column-drawing.ts";
import { anchorOf, type MartLinks, relationPage } from "./links.ts";

type Origin = Pick<ColumnOrigin, "relation" | "column" | "how">;

/** In words, what a column is made of in one step: what it is, or what it is computed from. */
export function originWords({ from, exact }: Pick<ColumnLineage, "from" | "exact">, links: MartLinks): HtmlValue {
  if (!exact) return html`cannot be told column by column; its mart uses ${places(from, links)}`;
  const same = from.filter(({ how }) => how === "same");
  const computed = from.filter(({ how }) => how === "computed");
  if (same.length === 0 && computed.length === 0) return "counted, or set by the mart itself";
  const parts = [
    ...(same.length === 0
      ? []
      : [html`<span aria-hidden="true">= </span><span class="visually-hidden">the same as </span>${places(same, links)}`]),
    ...(computed.length === 0 ? [] : [html`computed from ${places(computed, links)}`]),
  ];
  return join(parts, "; ");
}

/**
 * The steps as a list: each relation, and where the values of its columns come from; of the mart itself every column that is asked about.
 * The same that is drawn, for readers of text. Each column has an anchor.
 */
export function stepList({ steps, mart, columns, column }: ColumnDrawing, links: MartLinks): Html {
  const relations = new Map([[`marts.${mart}`, column === undefined ? columns : [column]]]);
  for (const { to } of steps) {
    const known = relations.get(to.relation) ?? [];
    relations.set(to.relation, to.column === undefined || known.includes(to.column) ? known : [...known, to.column]);
  }
  return html`<ul class="lineage-list">${[...relations].map(
    ([relation, names]) =>
      html`<li>${relationLink(relation, links)}<ul>${names.map((name) => columnLine(steps, relation, name, links))}${rowsLine(steps, relation, links)}</ul></li>`,
  )}</ul>`;
}

function columnLine(steps: readonly ColumnStep[], relation: string, column: string, links: MartLinks): Html {
  const own = steps.filter(({ to }) => to.relation === relation && to.column === column);
  const from = own.map((step) => originOf(step.from, step.how));
  const id = anchorOf(relation.replace(/^marts\./, ""), column);
  return html`<li${attributes({ id })}><code>${column}</code>: ${originWords({ from, exact: true }, links)}</li>`;
}

function rowsLine(steps: readonly ColumnStep[], relation: string, links: MartLinks): HtmlValue {
  const own = steps.filter(({ to, how }) => to.relation === relation && how === "condition");
  const from = own.map((step) => originOf(step.from, "condition"));
  return from.length === 0 ? null : html`<li>which rows count: ${places(from, links)}</li>`;
}

function originOf({ relation, column = "" }: ColumnStep["from"], how: Origin["how"]): Origin {
  return { relation, column, how };
}

function places(origins: readonly Origin[], links: MartLinks): HtmlValue {
  const named = origins.map(({ relation, column }) => {
    const href = relationPage(links, relation);
    const name = `${relation.replace(/^marts\./, "")}.${column}`;
    return href === undefined ? html`<code>${name}</code>` : html`<a href="${href}"><code>${name}</code></a>`;
  });
  return join(named, ", ");
}

function relationLink(relation: string, links: MartLinks): HtmlValue {
  const href = relationPage(links, relation);
  return href === undefined ? relation : html`<a href="${href}">${relation}</a>`;
}
