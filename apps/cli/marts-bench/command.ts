import { catchUp } from "@jukebase/domains/catch-up.ts";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import { withBenchDatabase } from "../bench-database.ts";
import { fillLog } from "../bench-rebuild.ts";
import type { Cli } from "../cli.ts";
import { listing } from "../terminal.ts";
import { type FullBuild, measureBuild } from "./full-build.ts";
import { type IndexCost, measureIndexes } from "./index-costs.ts";
import { type Compared, measureRefreshes, type Refreshes } from "./refreshes.ts";
import { measureReports, type ReportTime } from "./report-times.ts";

/** What `jukebase bench marts` may be told: rows of the made-up shop, and events of the world behind the real marts (0: leave it out). */
export type MartsFlags = { readonly rows: number; readonly events: number };

/** What is measured of the real marts, over a world of so many events. */
type World = {
  readonly events: number;
  readonly build: FullBuild;
  readonly reports: readonly ReportTime[];
  readonly slowest_report_p95_ms: number;
  readonly indexes: readonly IndexCost[];
};

const days = 365;

/** Measures the marts, prints each figure, and answers with all of them. */
export async function martsCommand(cli: Cli, { rows, events }: MartsFlags): Promise<void> {
  const { terminal } = cli;
  const refreshes = await inBenchDatabase(cli, (jukebase) =>
    measureRefreshes(jukebase.database.pg, { rows, days }, terminal.progress),
  );
  const world = events === 0 ? undefined : await inBenchDatabase(cli, (jukebase) => measureWorld(cli, jukebase, events));
  const ratios = {
    ratio_one_day: refreshes.one_day.ratio,
    ratio_30_days: refreshes.thirty_days.ratio,
    marking_ratio: refreshes.marking.ratio,
    ...(world === undefined ? {} : { build_ratio: world.build.ratio, slowest_report_p95_ms: world.slowest_report_p95_ms }),
  };
  terminal.answer({ bench: "marts", ...refreshes, ...(world === undefined ? {} : { world }), ...ratios });
  printRefreshes(cli, refreshes);
  if (world !== undefined) printWorld(cli, world);
}

async function inBenchDatabase<T>(cli: Cli, work: (jukebase: Jukebase) => Promise<T>): Promise<T> {
  return withBenchDatabase(cli, async (config) => {
    const jukebase = await openJukebase(config, { name: "jukebase bench" });
    return work(jukebase).finally(() => jukebase.close());
  });
}

async function measureWorld({ terminal }: Cli, jukebase: Jukebase, asked: number): Promise<World> {
  await fillLog(terminal, jukebase, asked);
  terminal.progress("Projecting");
  await catchUp(jukebase);
  const build = await measureBuild(jukebase, terminal.progress);
  const reports = await measureReports(jukebase, terminal.progress);
  const indexes = await measureIndexes(jukebase.database.pg, Object.keys(jukebase.schemas), terminal.progress);
  const slowest_report_p95_ms = Math.max(...reports.map(({ p95_ms }) => p95_ms));
  return { events: asked, build, reports, slowest_report_p95_ms, indexes };
}

function printRefreshes({ terminal }: Cli, { one_day, thirty_days, difference_rows, marking, swap }: Refreshes): void {
  for (const one of [one_day, thirty_days]) terminal.print(inWords(one));
  terminal.print(`Rows that differ from a computation from scratch: ${difference_rows}`);
  terminal.print(`Writing with marks takes ${marking.ratio} of the time without`);
  terminal.print(
    `A swap held strong locks on ${swap.locks} relations for ${swap.held_ms} ms; no read waited longer than ${swap.reader_most_ms} ms`,
  );
}

function inWords({ days: dirtied, rollup_ms, materialized_ms, ratio, reader_most_ms }: Compared): string {
  const what = dirtied === 1 ? "One dirty day" : `${dirtied} dirty days`;
  return `${what}: ${rollup_ms} ms, REFRESH MATERIALIZED VIEW CONCURRENTLY ${materialized_ms} ms: ${ratio} times as fast; no read waited longer than ${reader_most_ms} ms`;
}

function printWorld({ terminal }: Cli, { events, build, reports, indexes }: World): void {
  terminal.print(
    `All marts over ${events} events: ${build.build_ms} ms, the plain SQL of the same SELECTs ${build.plain_ms} ms: ${build.ratio} of it`,
  );
  terminal.print(listing({ report: "text", grain: "text", rows: "integer", p50_ms: "numeric", p95_ms: "numeric" }, reports));
  terminal.print(
    listing({ index: "text", columns: "text", mb: "numeric", write_ratio: "numeric", read_ratio: "numeric" }, indexes),
  );
}
