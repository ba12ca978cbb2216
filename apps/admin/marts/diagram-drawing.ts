import { attributes, boxSize, type GraphBox, type GraphRow, graph, type Html, html } from "@jukebase/console";
import type { Diagram, DiagramLink, DiagramTable } from "@jukebase/marts/lineage/diagram.ts";
import { layoutOfParts } from "@jukebase/marts/lineage/parts.ts";
import { anchorOf } from "./links.ts";
import { nodeKinds } from "./node-kinds.ts";
import { shortType } from "./short-type.ts";

/** How a diagram is shown: what it is called, the colour of its boxes, and where a table leads. */
export type DiagramOptions = {
  readonly label: string;
  readonly kind: "table" | "mart";
  readonly href: (table: string) => string | undefined;
};

/** The diagram as a picture: tables with their columns, types and keys, joined where one refers to another. */
export async function diagramDrawing({ tables, links }: Diagram, { label, kind, href }: DiagramOptions): Promise<Html> {
  const described = tables.map((table) => ({ id: table.name, ...describe(table, kind, href) }));
  const placed = await layoutOfParts(
    {
      boxes: described.map((box) => ({ id: box.id, ...boxSize(box) })),
      wires: links.map(({ from, to }) => ({ from: to.table, to: from.table })).filter(({ from, to }) => from !== to),
      between: { boxes: 24, ranks: 80 },
    },
    960,
  );
  const places = new Map(placed.boxes.map((box) => [box.id, box]));
  const boxes = described.flatMap((box): GraphBox[] => {
    const at = places.get(box.id);
    return at === undefined ? [] : [{ ...box, ...at }];
  });
  const between = new Map(placed.wires.map(({ from, to, points }) => [`${from}\n${to}`, points]));
  const wires = links.map(({ from, to }) => ({
    from: { box: to.table, row: to.columns[0] },
    to: { box: from.table, row: from.columns[0] },
    points: between.get(`${to.table}\n${from.table}`) ?? [],
    ends: "key" as const,
  }));
  const sorted = boxes.toSorted((a, b) => a.y - b.y || a.x - b.x);
  return graph({ label, width: placed.width, height: placed.height, boxes: sorted, wires });
}

/** The same as a list: each table, its key, and what it refers to. */
export function diagramList({ tables, links }: Diagram, href: (table: string) => string | undefined): Html {
  const from = Map.groupBy(links, (link) => link.from.table);
  return html`<ul class="lineage-list">${tables.map(({ name, description, columns }) => {
    const key = columns.filter((column) => column.key.startsWith("PK")).map((column) => column.name);
    const target = href(name);
    const title = target === undefined ? html`<strong>${name}</strong>` : html`<a href="${target}">${name}</a>`;
    const keyWords = key.length === 0 ? null : html` <span class="kind">key: ${key.join(", ")}</span>`;
    const refers = from.get(name) ?? [];
    const inner = refers.length === 0 ? null : html`<ul>${refers.map((link) => html`<li>${reference(link)}</li>`)}</ul>`;
    return html`<li${attributes({ id: anchorOf(name) })}>${title}${keyWords}${description !== "" && html` ${description}`}${inner}</li>`;
  })}</ul>`;
}

function reference({ from, to }: DiagramLink): Html {
  return html`<code>${from.columns.join(", ")}</code> <span class="kind">refers to</span> <code>${to.table} (${to.columns.join(", ")})</code>`;
}

function describe({ name, description, columns }: DiagramTable, kind: "table" | "mart", href: DiagramOptions["href"]) {
  const title = kind === "mart" ? name.replace(/^marts\./, "") : name;
  const rows = columns.map(({ name: column, type, key, nullable }): GraphRow => {
    const empty = nullable ? ", may be empty" : "";
    const role = key === "" ? "" : `, ${key}`;
    const tooltip = `${name}.${column}: ${type}${empty}${role}`;
    return {
      key: column,
      text: column,
      note: `${shortType(type)}${nullable ? "?" : ""}`,
      mark: key === "PK FK" ? "P·F" : key,
      tooltip,
    };
  });
  const { series, title: kindTitle } = nodeKinds[kind];
  const tooltip = `${kindTitle} ${name}${description === "" ? "" : `: ${description}`}`;
  return { title, note: `${columns.length} columns`, series, href: href(name), tooltip, rows };
}
