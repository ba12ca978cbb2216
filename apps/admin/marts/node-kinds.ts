import { type Html, html } from "@jukebase/console";
import type { NodeKind } from "@jukebase/marts/lineage/graph.ts";

/** Each kind of node: what it is called, and the colour of its stripe (none for what is only passed through). */
export const nodeKinds: Readonly<Record<NodeKind, { readonly title: string; readonly series: number | undefined }>> = {
  event: { title: "Event type", series: 3 },
  projection: { title: "Projection", series: undefined },
  table: { title: "Table", series: 8 },
  seed: { title: "Reference data", series: 4 },
  mart: { title: "Mart", series: 1 },
  report: { title: "Report", series: 2 },
  page: { title: "Page of the console", series: 7 },
  exposure: { title: "Outside reader", series: 5 },
};

/** What the colours mean, for the kinds that are drawn. */
export function kindKeys(kinds: ReadonlySet<NodeKind>): Html {
  const shown = (Object.keys(nodeKinds) as NodeKind[]).filter((kind) => kinds.has(kind));
  return html`<ul class="graph-keys">${shown.map((kind) => {
    const { title, series } = nodeKinds[kind];
    return html`<li class="${series === undefined ? "" : `series-${series}`}"><svg class="key" width="5" height="14" aria-hidden="true"><rect width="5" height="14" rx="2"/></svg>${title}</li>`;
  })}</ul>`;
}
