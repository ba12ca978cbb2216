import { badge, card, filterBar, type Html, type HtmlValue, html, join, selectField, table, textField } from "@jukebase/console";
import { type CatalogueSearch, choicesIn, type FoundMart } from "./catalogue-search.ts";
import { anchorOf, type MartLinks } from "./links.ts";
import { type MartRecord, stateTones } from "./mart-records.ts";
import type { TestLine } from "./test-lines.ts";

/** The marts as a table: what each holds, who owns it, how fresh and how well tested it is. */
export function catalogueTable(marts: readonly FoundMart[], links: MartLinks, zone: string): Html {
  const rows = marts.map(({ mart, status, state }) => ({
    mart: mart.name,
    owner: mart.owner,
    kind: mart.kind,
    rows: status?.rows ?? null,
    refreshed_at: status?.refreshed_at ?? null,
    state,
    tests: "",
  }));
  const byName = new Map(marts.map((found) => [found.mart.name, found]));
  return table({
    caption: "Marts",
    captionHidden: true,
    fields,
    rows,
    cell: (field, row) => {
      const found = byName.get(String(row.mart));
      return found === undefined ? undefined : cell(field.name, found, links);
    },
    empty: "No mart is like that. Search for a part of a name, of a column or of a description.",
    tz: zone,
  });
}

/** Search and filters, whose state is the address. */
export function catalogueFilters(records: readonly MartRecord[], search: CatalogueSearch, action: string): Html {
  const choices = choicesIn(records);
  const select = (name: keyof typeof choices, label: string, all: string): HtmlValue =>
    choices[name].length < 2 && search[name] === undefined
      ? null
      : selectField({
          name,
          label,
          value: search[name],
          choices: [{ value: "", label: all }, ...choices[name].map((value) => ({ value, label: value }))],
        });
  const isSet = Object.values(search).some((value) => value !== undefined);
  return filterBar({
    action,
    label: "Find marts",
    fields: html`${textField({ name: "q", label: "Name, column or description", type: "search", value: search.q })}${select("owner", "Owner", "every owner")}${select("kind", "Kind", "every kind")}${select("tag", "Tag", "every tag")}${select("state", "State", "every state")}`,
    clear: isSet ? action : undefined,
  });
}

/** Which mart has which column: an index by name, with anchors, that needs no search. */
export function columnIndex(records: readonly MartRecord[], links: MartLinks): Html {
  const marts = new Map<string, string[]>();
  for (const { mart, columns } of records) {
    for (const { name } of columns) marts.set(name, [...(marts.get(name) ?? []), mart.name]);
  }
  const sorted = [...marts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const entry = ([name, within]: [string, string[]]) =>
    html`<li><code>${name}</code> <span class="kind">in</span> ${join(
      within.map((mart) => html`<a href="${`${links.mart(mart)}#${anchorOf("column", name)}`}">${mart}</a>`),
      ", ",
    )}</li>`;
  return card({ title: "Columns from A to Z", body: html`<ul class="lineage-list">${sorted.map(entry)}</ul>` });
}

/** How many of a mart's tests passed, in words. */
function testBadge(tests: readonly TestLine[]): Html {
  const count = (status: TestLine["status"]): number => tests.filter((test) => test.status === status).length;
  const [bad, warned, unrun] = [count("fail") + count("error"), count("warn"), count("not run")];
  if (bad > 0) return badge(`${bad} of ${tests.length} fail`, "error");
  if (warned > 0) return badge(`${warned} of ${tests.length} warn`, "warn");
  return unrun === tests.length ? badge(`${tests.length} not run`) : badge(`${tests.length - unrun} pass`, "good");
}

const fields = [
  { name: "mart", type: "text", description: "The view in the schema marts, and what it holds." },
  { name: "owner", type: "text", description: "Who answers for it." },
  { name: "kind", type: "text", description: "view, materialized, rollup (only changed buckets are computed) or snapshot." },
  { name: "rows", type: "integer", description: "Rows after its last refresh; none for a view, which is computed when read." },
  { name: "refreshed_at", type: "timestamp", description: "When it was last brought up to its sources." },
  { name: "state", type: "text", description: "current, stale (something waits for longer than promised) or failed." },
  { name: "tests", type: "text", description: "What is tested of its rows." },
] as const;

function cell(field: string, { mart, state, tests, matched }: FoundMart, links: MartLinks): HtmlValue {
  switch (field) {
    case "mart":
      return html`<a class="mart-name" href="${links.mart(mart.name)}">${mart.name}</a><p class="about">${mart.description}</p>${
        matched.length > 0 &&
        html`<p class="about">Column ${join(
          matched.map((name) => html`<code>${name}</code>`),
          ", ",
        )}</p>`
      }${tagList(mart.tags)}`;
    case "state":
      return badge(state, stateTones[state]);
    case "tests":
      return testBadge(tests);
    default:
      return undefined;
  }
}

function tagList(tags: readonly string[] = []): HtmlValue {
  return tags.length === 0 ? null : html`<p class="tags">${tags.map((tag) => badge(tag))}</p>`;
}
