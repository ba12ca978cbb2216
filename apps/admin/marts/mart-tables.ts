import { type Html, html, notice, table } from "@jukebase/console";
import type { Use } from "@jukebase/marts/bi/use.ts";
import type { Field } from "@jukebase/platform";
import { stateBadge } from "../mart-test-parts.ts";
import type { MartLinks } from "./links.ts";
import type { ColumnFacts } from "./mart-facts.ts";
import type { MartRecord } from "./mart-records.ts";
import type { Sample } from "./sample-rows.ts";
import type { TestLine } from "./test-lines.ts";

/** What is tested of a mart, and how each test last went. */
export function testsTable(tests: readonly TestLine[], links: MartLinks, zone: string): Html {
  const names = new Map(tests.map((test) => [test.words, test.name]));
  return table({
    caption: "Tests",
    captionHidden: true,
    fields: testFields,
    rows: tests.map(({ words, severity, status, rows, tested_at }) => ({
      test: words,
      state: status,
      severity,
      rows,
      tested_at,
    })),
    link: (field, row) => (field.name === "test" ? links.test(names.get(String(row.test)) ?? "") : undefined),
    cell: (field, row) => (field.name === "state" ? stateBadge(String(row.state)) : undefined),
    empty: "It declares none.",
    tz: zone,
  });
}

/** Some rows; columns that tell of natural persons hold their masks and say so. */
export function sampleTable({ mart }: MartRecord, columns: readonly ColumnFacts[], { rows, problem }: Sample): Html {
  if (problem !== undefined) return notice({ tone: "info", title: "No rows can be shown", body: problem });
  const masked = Object.keys(mart.sensitive ?? {});
  const fields: Field[] = columns.map(({ name, type, description }) => ({ name, type: fieldType(type), description }));
  const said = masked.length === 0 ? null : html`<p class="all-well">Masked: ${masked.join(", ")}.</p>`;
  return html`${said}<div class="sample">${table({ caption: `Rows of ${mart.name}`, captionHidden: true, fields, rows, empty: "It has no rows." })}</div>`;
}

/** Who of the outside tools has read it. */
export function usesTable(uses: readonly Use[], zone: string): Html {
  return table({ caption: "Use", captionHidden: true, fields: useFields, rows: uses, empty: "Nobody has read it.", tz: zone });
}

const testFields = [
  { name: "test", type: "text", description: "What must hold." },
  { name: "state", type: "text", description: "How it last went." },
  { name: "severity", type: "text", description: "error keeps a new definition from being put in place; warn only says so." },
  { name: "rows", type: "integer", description: "Rows for which it does not hold." },
  { name: "tested_at", type: "timestamp", description: "When it was last run." },
] as const;

const useFields = [
  { name: "reader", type: "text", description: "The login that reads." },
  { name: "tool", type: "text", description: "The tool that it is for." },
  { name: "reads", type: "integer", description: "How often." },
  { name: "duration_ms", type: "integer", description: "How long the reads took in all, in milliseconds." },
  { name: "last_read_at", type: "timestamp", description: "When it read last." },
] as const;

// Values come as the server writes them; only what stands at the right needs to be told apart.
function fieldType(type: string): Field["type"] {
  if (/^(smallint|integer|bigint)/.test(type)) return "integer";
  return type.startsWith("numeric") ? "numeric" : type === "uuid" ? "uuid" : "text";
}
