import { buildMarts, defineMart, type Swap } from "@jukebase/marts";
import type { Mart } from "@jukebase/platform";
import type pg from "pg";
import { z } from "zod";

/** How large the made-up shop is. */
export type ShopSize = { readonly rows: number; readonly days: number };

/** Days after this one are dirtied, too: the shop's first. */
const firstDay = "2025-01-01";

/** The rollup that is measured. */
const salesDaily: Mart = defineMart({
  name: "fct_bench_sales_daily",
  kind: "rollup",
  file: new URL("./fct_bench_sales_daily.sql", import.meta.url),
  description: "Sales of a made-up shop.",
  grain: "One row per day and product.",
  owner: "bench",
  key: ["day", "product_id"],
  bucket: ["day"],
  row: z.object({
    day: z.string().describe("Business date of the sales."),
    product_id: z.int().describe("What was sold."),
    sales: z.int().describe("How often."),
    amount: z.string().describe("For how much."),
    last_sold_at: z.string().describe("When last."),
  }),
  reads: { "bench.sale": "select platform.local_date(changed.sold_at) as day from changed" },
  freshness_s: 60,
});

const table = `(
  sale_id bigint primary key,
  sold_at timestamptz not null,
  product_id integer not null,
  amount numeric(12, 2) not null
)`;

/** Fills a table of sales spread over the days, fifty products, and makes of it the rollup and a materialized view of the same SELECT. */
export async function openShop(pool: pg.Pool, { rows, days }: ShopSize): Promise<void> {
  await pool.query(`create schema bench; create table bench.sale ${table}`);
  await pool.query(
    `insert into bench.sale
     select n, $1::timestamptz + (n::numeric / $2 * $3) * interval '1 day', n % 50, (n % 9000) / 100.0
     from generate_series(0, $2::bigint - 1) as n`,
    [`${firstDay}Z`, rows, days],
  );
  await pool.query("create index on bench.sale (platform.local_date(sold_at))");
  await pool.query("vacuum analyze bench.sale");
  await pool.query(
    `create materialized view bench.sales_daily as
     select platform.local_date(sold_at) as day, product_id, count(*)::integer as sales, sum(amount) as amount, max(sold_at) as last_sold_at
     from bench.sale
     group by 1, 2`,
  );
  await pool.query("create unique index on bench.sales_daily (day, product_id)");
  await pool.query("analyze bench.sales_daily");
  await buildMarts(pool, [salesDaily], { schemas: {} });
}

/** Late, corrected and deleted sales on so many days. */
export async function dirty(pool: pg.Pool, days: number, from: number): Promise<void> {
  await pool.query(
    `with late as (
       insert into bench.sale
       select
         (select max(sale_id) from bench.sale) + row_number() over (),
         $1::timestamptz + (day + n / 200.0) * interval '1 day',
         n % 50,
         1
       from generate_series($3::integer, $3::integer + $2::integer - 1) as day
       cross join generate_series(0, 99) as n
     )
     update bench.sale
     set amount = amount + 1
     where platform.local_date(sold_at) between $1::date + $3::integer and $1::date + $3::integer + $2::integer - 1
       and sale_id % 97 = 0`,
    [`${firstDay}Z`, days, from],
  );
  await pool.query(
    `delete from bench.sale
     where platform.local_date(sold_at) between $1::date + $3::integer and $1::date + $3::integer + $2::integer - 1
       and sale_id % 101 = 0`,
    [firstDay, days, from],
  );
}

/** Builds the rollup anew with another definition, and says what its swap held. */
export async function changeDefinition(pool: pg.Pool): Promise<Swap | undefined> {
  const changed = { ...salesDaily, indexes: [["product_id"]] };
  return (await buildMarts(pool, [changed], { schemas: {} })).swap;
}

/** How many rows of rollup and materialized view differ, both ways. */
export async function differences(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ n: string }>(
    `select
       (select count(*) from (table marts.fct_bench_sales_daily except all table bench.sales_daily) as unexpected)
       + (select count(*) from (table bench.sales_daily except all table marts.fct_bench_sales_daily) as missing) as n`,
  );
  return Number(rows[0]?.n);
}
