import { chart, chartsOfRows, html, reportSearch } from "@jukebase/console";
import { asOfWords, runReport } from "@jukebase/domains/run-report.ts";
import type { Report } from "@jukebase/platform";
import type { Console } from "../console.ts";
import { currenciesOf, isDrawnMonthly, unasked } from "../figures.ts";

const chartsMax = 4;

/** The first chart of each domain, then the second of each, as far as there is room; in the order of the domains. */
export async function overviewCharts(admin: Console, month: string) {
  const ranked = admin.jukebase.domains.flatMap(({ reports }) =>
    reports.filter(isDrawnMonthly).map((report, place) => ({ report, place })),
  );
  const chosen = new Set(ranked.toSorted((a, b) => a.place - b.place).slice(0, chartsMax));
  const drawn = await Promise.all(ranked.filter((one) => chosen.has(one)).map(({ report }) => chartCard(admin, report, month)));
  return { blocks: drawn.flatMap(({ block }) => block), asOf: drawn.map(({ asOf }) => asOf).toSorted()[0] ?? "the first event" };
}

// A year and the month a year before it, to compare with; amounts in the currency most used.
async function chartCard(admin: Console, report: Report, month: string) {
  const { rows, as_of } = await runReport(admin.jukebase, report, { ...unasked(report), grain: "month" });
  const asOf = asOfWords(as_of);
  const last = Temporal.PlainDate.from(month);
  const [from, to] = [last.subtract({ months: 12 }).toString(), last.add({ months: 1 }).subtract({ days: 1 }).toString()];
  const { chart: how } = report;
  const [currency] = currenciesOf(rows);
  const drawn = rows.filter((row) => {
    const x = String(how && row[how.x]);
    return x >= from && x <= to && (!drawsMoney(report) || row.currency === currency);
  });
  if (!how || drawn.length === 0) return { block: [], asOf };
  const drawings = chartsOfRows({
    id: `overview-${report.name}`,
    title: report.title,
    chart: how,
    fields: report.columns,
    rows: drawn,
  });
  const href = `/reports/${report.name}${reportSearch(report, { ...unasked(report), from, to, grain: "month" })}`;
  const open = html`<p class="chart-open"><a href="${href}">Open ${report.title.toLowerCase()}</a></p>`;
  return {
    block: drawings.map(
      (one) => html`<section class="card chart-card"><div class="card-body">${chart(one)}${open}</div></section>`,
    ),
    asOf,
  };
}

function drawsMoney({ chart: how, columns }: Report): boolean {
  return columns.some(({ name, type }) => type === "money" && how?.y.includes(name));
}
