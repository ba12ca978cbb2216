import {
  badge,
  card,
  code,
  definitions,
  formatInstant,
  formatNumber,
  type Html,
  type HtmlValue,
  html,
  join,
  notice,
} from "@jukebase/console";
import type { LineageNode } from "@jukebase/marts/lineage/graph.ts";
import { columnsTable } from "./columns-table.ts";
import { type MartLinks, pageOf, relationPage } from "./links.ts";
import type { ColumnFacts } from "./mart-facts.ts";
import { type MartRecord, stateTones } from "./mart-records.ts";
import { sampleTable, testsTable } from "./mart-tables.ts";
import { nodeKinds } from "./node-kinds.ts";
import type { Sample } from "./sample-rows.ts";
import type { TestLine } from "./test-lines.ts";

/** All that is told of one mart. What is undefined is left away. */
export type MartPage = {
  readonly record: MartRecord;
  readonly columns: readonly ColumnFacts[];
  readonly sql: string;
  /** Checks of the domains that read it. */
  readonly checks: readonly TestLine[];
  /** What reads it directly: marts, reports, pages, outside readers. */
  readonly readers: readonly LineageNode[];
  /** Other marts that refer to it, by name. */
  readonly referredBy: readonly string[];
  /** The drawing of what lies next to it, with its lists. */
  readonly lineage: Html;
  readonly sample?: Sample | undefined;
  /** Its last refreshes, and what outside tools read of it: of a running installation only. */
  readonly refreshes?: Html | undefined;
  readonly uses?: Html | undefined;
};

/** The page of a mart. */
export function martView(page: MartPage, links: MartLinks, zone: string): Html {
  const { record, columns, sql, checks, lineage, sample, refreshes, uses } = page;
  const { name } = record.mart;
  const error = record.status?.error;
  return html`${error && notice({ tone: "error", title: "Its last refresh failed", body: error })}
${card({ body: facts(page, links, zone) })}
${card({ title: "Columns", id: "columns", body: columnsTable(record, columns, links) })}
${card({ title: "Lineage", id: "lineage", body: lineage, actions: lineageActions(name, links) })}
${card({ title: "Who reads it", id: "readers", body: readers(page, links) })}
${card({ title: "Tests", id: "tests", body: testsTable([...record.tests, ...checks], links, zone) })}
${uses !== undefined && card({ title: "Use by outside tools", id: "use", body: uses })}
${refreshes !== undefined && card({ title: "Last refreshes", id: "refreshes", body: refreshes })}
${sample !== undefined && card({ title: "Some of its rows", id: "rows", body: sampleTable(record, columns, sample) })}
${card({ title: "Definition", id: "sql", body: code(sql, `SQL of ${name}`) })}`;
}

function facts({ record, referredBy }: MartPage, links: MartLinks, zone: string): Html {
  const { mart, domain, status, state } = record;
  const positions = Object.entries(status?.positions ?? {}).map(([projection, seq]) => `${projection} batch ${seq}`);
  return definitions([
    ["Grain", mart.grain, "whole"],
    ["State", badge(state, stateTones[state])],
    ["Kind", mart.kind],
    ["Owner", mart.owner === domain.toLowerCase() ? mart.owner : `${mart.owner} (${domain})`],
    ["Key", mart.key.join(", ")],
    ["Rows", status?.rows == null ? "computed when read" : formatNumber(String(status.rows))],
    ["Refreshed", status?.refreshed_at ? formatInstant(Temporal.Instant.from(status.refreshed_at), zone) : "when it is read"],
    ["Promise", `${spoken(mart.freshness_s)} behind what has been received, at most`],
    ["Waiting", waiting(record, zone)],
    ["Exact at", positions.length > 0 ? positions.join(", ") : "no event yet"],
    ...(mart.tags === undefined ? [] : [["Tags", mart.tags.map((tag) => badge(tag))] as const]),
    ["Reads", names(Object.keys(mart.reads), (name) => relationPage(links, name)), "whole"],
    ...references(record, links),
    ...(referredBy.length === 0 ? [] : [["Referred to by", names(referredBy, links.mart)] as const]),
  ]);
}

function references({ mart }: MartRecord, links: MartLinks): readonly (readonly [string, HtmlValue])[] {
  const { references: refers = [] } = mart;
  if (refers.length === 0) return [];
  const each = refers.map(
    ({ columns, mart: other }) => html`${columns.join(", ")} → <a href="${links.mart(other)}">${other}</a>`,
  );
  return [["Refers to", join(each, ", ")]];
}

function waiting({ status }: MartRecord, zone: string): string {
  if (status === undefined) return "it is not built";
  if (status.waiting_since === null) return "nothing";
  const since = formatInstant(Temporal.Instant.from(status.waiting_since), zone);
  return status.waiting === 0 ? `events since ${since}` : `${formatNumber(String(status.waiting))} marks since ${since}`;
}

function names(list: readonly string[], href: (name: string) => string | undefined): HtmlValue {
  const linked = list.map((name) => {
    const target = href(name);
    return target === undefined ? name : html`<a href="${target}">${name}</a>`;
  });
  return join(linked, ", ");
}

function lineageActions(name: string, links: MartLinks): HtmlValue {
  const focus = `mart:${name}`;
  const around = links.lineage({ focus });
  const columns = links.lineage({ focus, columns: true });
  return html`<p class="card-links">${around !== undefined && html`<a href="${around}">Explore</a>`}${columns !== undefined && html`<a href="${columns}">By column</a>`}</p>`;
}

function readers({ readers: nodes }: MartPage, links: MartLinks): Html {
  if (nodes.length === 0)
    return html`<p class="all-well">Nothing that Jukebase knows of. Whoever reads it from outside can be named as an exposure of its domain.</p>`;
  const entry = (node: LineageNode) => {
    const href = pageOf(links, node);
    const name = href === undefined ? node.name : html`<a href="${href}">${node.name}</a>`;
    return html`<li>${name} ${badge(nodeKinds[node.kind].title.toLowerCase())}<p>${node.description}</p></li>`;
  };
  return html`<ul class="tiles">${nodes.map(entry)}</ul>`;
}

function spoken(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400} d`;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} min` : `${seconds} s`;
}
