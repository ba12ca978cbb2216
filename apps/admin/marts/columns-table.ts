import { badge, type Html, type HtmlValue, html, join } from "@jukebase/console";
import { stateBadge } from "../mart-test-parts.ts";
import { originWords } from "./column-list.ts";
import { anchorOf, type MartLinks } from "./links.ts";
import type { ColumnFacts } from "./mart-facts.ts";
import type { MartRecord } from "./mart-records.ts";
import { shortType } from "./short-type.ts";
import type { TestLine } from "./test-lines.ts";

/** A mart's columns: type, meaning, tests, where the values come from and where they go. Each row has an anchor. */
export function columnsTable(record: MartRecord, columns: readonly ColumnFacts[], links: MartLinks): Html {
  const heads = ["Column", "Type", "Meaning", "Made of", "Used by", "Tests"];
  return html`<section class="table-scroll" aria-label="Columns" tabindex="0">
<table class="table column-table">
<caption class="visually-hidden">Columns</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${columns.map((column) => row(record, column, links))}</tbody>
</table>
</section>`;
}

function row(record: MartRecord, { name, type, description, origin, usedBy }: ColumnFacts, links: MartLinks): Html {
  const { mart, tests } = record;
  const path = links.lineage({ focus: `mart:${mart.name}`, columns: true, column: name });
  const title = path === undefined ? html`<code>${name}</code>` : html`<a href="${path}"><code>${name}</code></a>`;
  const made = origin === undefined ? "not built" : originWords(origin, links);
  const own = tests.filter(({ column }) => column === name);
  return html`<tr id="${anchorOf("column", name)}"><th scope="row">${title}${marks(record, name)}</th><td><code class="type">${shortType(type)}</code></td><td class="long">${description}</td><td class="long">${made}</td><td class="long">${uses(usedBy, links)}</td><td>${own.length === 0 ? none : own.map(test)}</td></tr>\n`;
}

const none = html`<span class="nothing"><span aria-hidden="true">–</span><span class="visually-hidden">none</span></span>`;

function marks({ mart }: MartRecord, name: string): HtmlValue {
  const refers = (mart.references ?? []).find(({ columns }) => columns.includes(name));
  const masked = mart.sensitive?.[name];
  const badges = [
    mart.key.includes(name) ? badge("key", "info") : null,
    refers === undefined ? null : badge(`→ ${refers.mart}`),
    masked === undefined ? null : badge("personal, masked", "warn"),
  ].filter((one) => one !== null);
  return badges.length === 0 ? null : html`<p class="tags">${badges}</p>`;
}

function uses(usedBy: ColumnFacts["usedBy"], links: MartLinks): HtmlValue {
  if (usedBy.length === 0) return none;
  const named = usedBy.map(
    ({ mart, column }) =>
      html`<a href="${`${links.mart(mart)}#${anchorOf("column", column)}`}"><code>${mart}.${column}</code></a>`,
  );
  return join(named, ", ");
}

// A test that passes needs no more than its kind here; the table of tests tells the rest.
function test({ test: kind, status, words }: TestLine): Html {
  const said = kind === "accepted_values" || kind === "expression" ? words : kind.replaceAll("_", " ");
  return html`<p class="test">${stateBadge(status)} ${said}</p>`;
}
