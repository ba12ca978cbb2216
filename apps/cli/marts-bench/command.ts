import { migrate } from "@jukebase/db";
import { catchUp } from "@jukebase/domains/catch-up.ts";
import { type Jukebase, openJukebase } from "@jukebase/domains/open.ts";
import { measureArtifacts } from "@jukebase/marts/artifacts/measure.ts";
import { connect, pgExecutor } from "@jukebase/platform";
import { withBenchDatabase } from "../bench-database.ts";
import { fillLog } from "../bench-rebuild.ts";
import type { Cli } from "../cli.ts";
import { listing } from "../terminal.ts";
import { type FullBuild, measureBuild } from "./full-build.ts";
import { type IndexCost, measureIndexes } from "./index-costs.ts";
import { type MartPages, measurePages } from "./pages.ts";
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

/** What writing the artifacts of a made-up project takes. */
type ArtifactTimes = { readonly marts: number; readonly bytes: number; readonly total_ms: number };

const days = 365;
const pageMarts = { marts: 100, requests: 25 };
const artifactMarts = 400;

/** Measures the marts, prints each figure, and answers with all of them. */
export async function martsCommand(cli: Cli, { rows, events }: MartsFlags): Promise<void> {
  const { terminal } = cli;
  const refreshes = await inBenchDatabase(cli, (jukebase) =>
    measureRefreshes(jukebase.database.pg, { rows, days }, terminal.progress),
  );
  const world = events === 0 ? undefined : await inBenchDatabase(cli, (jukebase) => measureWorld(cli, jukebase, events));
  const pages = await withBenchDatabase(cli, (config) => measurePages(config, pageMarts, terminal.progress));
  const artifacts = await timeArtifacts(cli);
  const ratios = {
    ratio_one_day: refreshes.one_day.ratio,
    ratio_30_days: refreshes.thirty_days.ratio,
    marking_ratio: refreshes.marking.ratio,
    ...(world === undefined ? {} : { build_ratio: world.build.ratio, slowest_report_p95_ms: world.slowest_report_p95_ms }),
    pages_p95_ms: pages.p95_ms,
    artifacts_ms: artifacts.total_ms,
  };
  terminal.answer({ bench: "marts", ...refreshes, ...(world === undefined ? {} : { world }), pages, artifacts, ...ratios });
  printRefreshes(cli, refreshes);
  printPages(cli, pages, artifacts);
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

async function timeArtifacts(cli: Cli): Promise<ArtifactTimes> {
  return withBenchDatabase(cli, async ({ databaseUrl = "" }) => {
    cli.terminal.progress(`Writing the artifacts of ${artifactMarts} marts`);
    await migrate(databaseUrl);
    const database = await connect(databaseUrl, { max: 1, name: "jukebase bench" });
    try {
      const { bytes, total_ms } = await measureArtifacts(pgExecutor(database.pg), artifactMarts);
      return { marts: artifactMarts, bytes, total_ms };
    } finally {
      await database.end();
    }
  });
}

function printPages({ terminal }: Cli, { marts, p95_ms, pages }: MartPages, artifacts: ArtifactTimes): void {
  terminal.print(`Pages over ${marts} marts: p95 ${p95_ms} ms`);
  terminal.print(
    listing({ page: "text", requests: "integer", first_ms: "numeric", median_ms: "numeric", p95_ms: "numeric" }, pages),
  );
  terminal.print(`The artifacts of ${artifacts.marts} marts: ${artifacts.total_ms} ms, ${artifacts.bytes} bytes`);
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
