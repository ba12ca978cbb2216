import { refreshMarts } from "@jukebase/marts";
import type pg from "pg";
import { type MarkingCost, markingCost } from "./marking.ts";
import { whileReading } from "./reader.ts";
import { changeDefinition, differences, dirty, openShop, type ShopSize } from "./shop.ts";

/** One comparison: days dirtied, the time of both, how much faster the rollup was, and the longest that a reader of it waited meanwhile. */
export type Compared = {
  readonly days: number;
  readonly rollup_ms: number;
  readonly materialized_ms: number;
  readonly ratio: number;
  readonly reader_most_ms: number;
};

/** What refreshing a rollup took against a materialized view of the same SELECT. */
export type Refreshes = {
  readonly rows: number;
  readonly one_day: Compared;
  readonly thirty_days: Compared;
  readonly difference_rows: number;
  readonly marking: MarkingCost;
  readonly swap: { readonly held_ms: number; readonly locks: number; readonly reader_most_ms: number };
};

const runs = 5;
const query = "select sum(sales) from marts.fct_bench_sales_daily where day = date '2025-03-01'";

/** Measures refreshes, marks and a swap on a made-up shop in an empty database. */
export async function measureRefreshes(pool: pg.Pool, size: ShopSize, say: (line: string) => void): Promise<Refreshes> {
  say(`Filling a table of ${size.rows} rows`);
  await openShop(pool, size);
  say("Refreshing with one day dirty");
  const one_day = await compare(pool, 1);
  say("Refreshing with thirty days dirty");
  const thirty_days = await compare(pool, 30);
  const difference_rows = await differences(pool);
  say("Writing with and without marks");
  const marking = await markingCost(pool, 40);
  await refreshMarts(pool);
  say("Swapping a changed definition");
  const { done, read } = await whileReading(pool, query, () => changeDefinition(pool));
  const swap = { held_ms: done?.held_ms ?? 0, locks: done?.locks ?? 0, reader_most_ms: read.most_ms };
  return { rows: size.rows, one_day, thirty_days, difference_rows, marking, swap };
}

async function compare(pool: pg.Pool, days: number): Promise<Compared> {
  const measured: { rollup_ms: number; materialized_ms: number; most_ms: number }[] = [];
  for (let run = 0; run < runs; run += 1) {
    await dirty(pool, days, (run * 37) % 300);
    const { done, read } = await whileReading(pool, query, () => timed(() => refreshed(pool)));
    const materialized_ms = await timed(() => pool.query("refresh materialized view concurrently bench.sales_daily"));
    measured.push({ rollup_ms: done, materialized_ms, most_ms: read.most_ms });
  }
  const [rollup_ms, materialized_ms] = [
    median(measured.map((one) => one.rollup_ms)),
    median(measured.map((one) => one.materialized_ms)),
  ];
  return {
    days,
    rollup_ms,
    materialized_ms,
    ratio: Number((materialized_ms / rollup_ms).toFixed(1)),
    reader_most_ms: Math.max(...measured.map((one) => one.most_ms)),
  };
}

async function refreshed(pool: pg.Pool): Promise<void> {
  const [done] = await refreshMarts(pool);
  if (done === undefined || done.skipped || done.error !== undefined)
    throw new Error(`The rollup was not refreshed: ${done?.error ?? done?.reason}`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began_ms = performance.now();
  await work();
  return Number((performance.now() - began_ms).toFixed(1));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
