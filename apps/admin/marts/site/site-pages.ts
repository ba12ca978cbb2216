import { assets, card, type HtmlValue, html, page } from "@jukebase/console";
import type { Jukebase } from "@jukebase/domains/open.ts";
import type { Executor } from "@jukebase/platform";
import { findMarts } from "../catalogue-search.ts";
import { catalogueTable, columnIndex } from "../catalogue-view.ts";
import { columnsPart } from "../columns-part.ts";
import { consoleGraph } from "../console-graph.ts";
import { wholeGraph } from "../lineage-parts.ts";
import { pageOf } from "../links.ts";
import { martPage } from "../mart-page.ts";
import { type MartRecord, martRecords } from "../mart-records.ts";
import { martView } from "../mart-view.ts";
import { sampleRows } from "../sample-rows.ts";
import { diagramsOf, diagramView } from "../schema-diagrams.ts";
import { siteLinks } from "./site-links.ts";

/** A file of the site: its path from the site's folder, and its text. */
export type SiteFile = { readonly path: string; readonly body: string };

/** What the site is made of. `samples`: whether rows of the marts are shown, which whoever reads the site will see. */
export type SiteOptions = {
  readonly jukebase: Jukebase;
  readonly db: Executor;
  readonly zone: string;
  readonly version: string;
  readonly samples: boolean;
};

/**
 * The documentation of all marts as files that need neither server nor script: catalogue, a page for each mart, lineage whole and by column,
 * diagrams. Links are relative, so the folder can lie anywhere. Made by the same templates as the console's pages.
 */
export async function* siteFiles(options: SiteOptions): AsyncGenerator<SiteFile> {
  const { jukebase, db } = options;
  const records = await martRecords(db, jukebase.domains);
  for (const { path, body } of assets()) if (!path.endsWith(".js")) yield { path: path.slice(1), body };
  yield catalogue(options, records);
  for (const record of records) {
    yield await martFile(options, records, record);
    yield await columnsFile(options, records, record);
  }
  yield await lineageFile(options, records);
  for (const diagram of diagramsOf(jukebase)) {
    const body = await diagramView(db, jukebase, diagram, siteLinks("../", Object.keys(jukebase.schemas)));
    const { title, description: lead, schema } = diagram;
    yield file(options, records, { path: `diagrams/${schema}.html`, title, lead, body });
  }
}

type Content = {
  readonly path: string;
  readonly title: string;
  readonly lead: string;
  readonly body: HtmlValue;
  readonly actions?: HtmlValue;
};

function catalogue(options: SiteOptions, records: readonly MartRecord[]): SiteFile {
  const links = siteLinks("", Object.keys(options.jukebase.schemas));
  const body = html`${card({ body: catalogueTable(findMarts(records, {}), links, options.zone) })}${columnIndex(records, links)}`;
  const lead = `${records.length} documented, tested relations in the schema marts, each exact at the position that it records.`;
  return file(options, records, { path: "index.html", title: "Marts", lead, body });
}

async function martFile(options: SiteOptions, records: readonly MartRecord[], record: MartRecord): Promise<SiteFile> {
  const { jukebase, db, zone, samples } = options;
  const links = siteLinks("../", Object.keys(jukebase.schemas));
  const graph = consoleGraph(jukebase.domains);
  const facts = await martPage(db, { jukebase, record, graph, href: (node) => pageOf(links, node) });
  const sample = samples ? await sampleRows(jukebase, record.mart, facts.columns) : undefined;
  const { name: title, description: lead } = record.mart;
  const body = martView({ ...facts, sample }, links, zone);
  return file(options, records, { path: `marts/${title}.html`, title, lead, body });
}

async function columnsFile(options: SiteOptions, records: readonly MartRecord[], { mart }: MartRecord): Promise<SiteFile> {
  const { jukebase, db } = options;
  const links = siteLinks("../", Object.keys(jukebase.schemas));
  const question = { mart: mart.name, column: undefined, direction: "both", depth: 3 } as const;
  const body = card({ body: await columnsPart(db, jukebase.marts, question, links) });
  const lead = "A full line: the value goes there, as it is or as a part. A dashed line: it only decides which rows count.";
  return file(options, records, { path: `columns/${mart.name}.html`, title: `Columns of ${mart.name}`, lead, body });
}

async function lineageFile(options: SiteOptions, records: readonly MartRecord[]): Promise<SiteFile> {
  const { jukebase } = options;
  const links = siteLinks("", Object.keys(jukebase.schemas));
  const body = card({ body: await wholeGraph(consoleGraph(jukebase.domains), (node) => pageOf(links, node)) });
  const lead = "From events to whoever reads the marts: what stands on the left is what is read.";
  return file(options, records, { path: "lineage.html", title: "Lineage", lead, body });
}

function file({ jukebase, version }: SiteOptions, records: readonly MartRecord[], content: Content): SiteFile {
  const site = content.path.includes("/") ? "../" : "";
  const links = siteLinks(site, Object.keys(jukebase.schemas));
  const groups = [...Map.groupBy(records, ({ domain }) => domain)].map(([title, own]) => ({
    title,
    links: own.map(({ mart }) => ({ href: links.mart(mart.name), label: mart.name })),
  }));
  const diagrams = diagramsOf(jukebase).map(({ schema, title }) => ({ href: links.diagram(schema) ?? "", label: title }));
  const first = [
    { href: links.catalogue, label: "Catalogue" },
    { href: links.lineage({}) ?? "", label: "Lineage" },
  ];
  const nav = [{ links: first }, { title: "Diagrams", links: diagrams }, ...groups];
  const { path, ...shown } = content;
  return { path, body: page({ ...shown, path: `${site}${path}`, nav, version, site }) };
}
