import { card, type Html, html } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import { type Diagram, martsDiagram, tablesDiagram } from "@jukebase/marts/lineage/diagram.ts";
import type { Executor } from "@jukebase/platform";
import { diagramDrawing, diagramList } from "./diagram-drawing.ts";
import { anchorOf, type MartLinks } from "./links.ts";

/** A diagram that there is: of a domain's schema, or of the marts. */
export type SchemaDiagram = { readonly schema: string; readonly title: string; readonly description: string };

/** All diagrams: the marts' first, then one for each schema that a domain writes. */
export function diagramsOf({ domains }: Pick<Jukebase, "domains">): SchemaDiagram[] {
  const own = domains.flatMap(({ title, projections }) =>
    projections.map(({ schema }) => ({
      schema,
      title: `Tables of ${title.toLowerCase()}`,
      description: `The tables of the schema ${schema}, joined where the database holds a foreign key.`,
    })),
  );
  const marts = { schema: "marts", title: "Marts", description: "The marts, joined where one says that it refers to another." };
  return [marts, ...own];
}

/** The list of the diagrams. */
export function diagramTiles(diagrams: readonly SchemaDiagram[], links: MartLinks): Html {
  const tile = ({ schema, title, description }: SchemaDiagram) =>
    html`<li><a href="${links.diagram(schema) ?? "#"}">${title}</a><p>${description}</p></li>`;
  return card({ body: html`<ul class="tiles">${diagrams.map(tile)}</ul>` });
}

/** One diagram, drawn and as a list. */
export async function diagramView(
  db: Executor,
  { marts }: Pick<Jukebase, "marts">,
  { schema, title }: SchemaDiagram,
  links: MartLinks,
): Promise<Html> {
  const isMarts = schema === "marts";
  const diagram = isMarts ? await martsDiagram(db, marts) : await tablesDiagram(db, schema);
  const href = (table: string): string | undefined => (isMarts ? links.mart(table.slice("marts.".length)) : undefined);
  const drawing = await diagramDrawing(diagram, {
    label: title,
    kind: isMarts ? "mart" : "table",
    href: (table) => href(table) ?? `#${anchorOf(table)}`,
  });
  return html`${card({ body: html`<p class="all-well">${sentence(diagram)}</p>${drawing}` })}
${card({ title: "The same as a list", body: diagramList(diagram, href) })}`;
}

function sentence({ tables, links }: Diagram): string {
  const joined = links.length === 1 ? "1 reference between them" : `${links.length} references between them`;
  return `${tables.length} relations, ${links.length === 0 ? "none of which refers to another" : joined}. PK: the key of a row. FK: names a row of the table at the bar.`;
}
