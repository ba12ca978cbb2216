import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mart } from "@jukebase/platform/mart.ts";
import type pg from "pg";
import { z } from "zod";

/** A small made-up domain for this package's own tests: sales of products, some of a kind not yet known. */
export async function createShop(pool: pg.Pool): Promise<void> {
  await pool.query(`
    create schema shop;
    create table shop.product (product_id integer primary key, kind text);
    create table shop.sale (sale_id integer primary key, product_id integer, sold_at timestamptz not null, amount numeric not null);
    create index on shop.sale (platform.local_date(sold_at));
    create index on shop.sale (product_id)`);
}

/** Takes the sample marts and the shop away, whatever is left of them. */
export async function dropShop(pool: pg.Pool): Promise<void> {
  await pool.query(`
    drop schema if exists shop cascade;
    do $$
    declare
      found record;
    begin
      delete from marts_store.mart;
      delete from events.checkpoint;
      for found in select relname, relkind from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'v' loop
        execute format('drop view if exists marts.%I cascade', found.relname);
      end loop;
    end $$`);
}

/** A mart whose SELECT is `sql`, written to a file of its own; every text field has a value that passes. */
export async function sampleMart(
  sql: string,
  mart: Omit<Mart, "file" | "description" | "grain" | "owner" | "freshness_s" | "row"> & { readonly columns: readonly string[] },
): Promise<Mart> {
  const folder = await mkdtemp(join(tmpdir(), "mart-"));
  const file = join(folder, `${mart.name}.sql`);
  await writeFile(file, sql);
  const { columns, ...rest } = mart;
  const row = z.object(Object.fromEntries(columns.map((column) => [column, z.unknown().describe(`The ${column}'s meaning`)])));
  return {
    ...rest,
    file: pathToFileURL(file),
    description: `Sample ${mart.name}`,
    grain: "one sample",
    owner: "tests",
    freshness_s: 60,
    row,
  };
}

/** Sales per day and kind: a rollup whose bucket has a column that may be null. */
export async function salesDaily(extra = ""): Promise<Mart> {
  const sql = `-- A sale counts on its local day, under its product's kind; a product not yet known has none.
select
  platform.local_date(sale.sold_at) as day,
  product.kind,
  coalesce(product.kind, '-') as kind_key,
  count(*)::integer as sales,
  sum(sale.amount)${extra} as amount
from shop.sale
left join shop.product on product.product_id = sale.product_id
group by 1, 2, 3;
`;
  return sampleMart(sql, {
    name: "fct_sales_daily",
    kind: "rollup",
    columns: ["day", "kind", "kind_key", "sales", "amount"],
    key: ["day", "kind_key"],
    bucket: ["day", "kind"],
    reads: {
      "shop.sale": `
        select platform.local_date(changed.sold_at) as day, product.kind
        from changed
        left join shop.product on product.product_id = changed.product_id`,
      // A sale may have come before its product: then it stood under null.
      "shop.product": `
        select platform.local_date(sale.sold_at) as day, kind.kind
        from changed
        join shop.sale on sale.product_id = changed.product_id
        cross join lateral (values (changed.kind), (null)) as kind (kind)`,
    },
  });
}

/** Sales per month, a rollup on the rollup. */
export async function salesMonthly(): Promise<Mart> {
  const sql = `-- A month is the sum of its days.
select date_trunc('month', daily.day)::date as month, sum(daily.sales)::integer as sales, sum(daily.amount) as amount
from marts.fct_sales_daily as daily
group by 1
`;
  return sampleMart(sql, {
    name: "fct_sales_monthly",
    kind: "rollup",
    columns: ["month", "sales", "amount"],
    key: ["month"],
    bucket: ["month"],
    reads: { "marts.fct_sales_daily": "select date_trunc('month', changed.day)::date as month from changed" },
  });
}

/** How far each month is from the best one: a materialized view on the rollup on the rollup. */
export async function bestMonths(): Promise<Mart> {
  const sql = `/* The rank of a month among all months, by amount. */
select fct_sales_monthly.month, rank() over (order by fct_sales_monthly.amount desc)::integer as rank
from marts.fct_sales_monthly
`;
  return sampleMart(sql, {
    name: "best_months",
    kind: "materialized",
    columns: ["month", "rank"],
    key: ["month"],
    reads: { "marts.fct_sales_monthly": null },
  });
}

/** Months by rank: a rollup on the materialized view. */
async function monthsByRank(): Promise<Mart> {
  const sql = `-- How many months share a rank.
select best_months.rank, count(*)::integer as months from marts.best_months group by 1
`;
  return sampleMart(sql, {
    name: "months_by_rank",
    kind: "rollup",
    columns: ["rank", "months"],
    key: ["rank"],
    bucket: ["rank"],
    reads: { "marts.best_months": "select changed.rank from changed" },
  });
}

/** The best month with its amount: a view over the rest. */
async function bestMonth(): Promise<Mart> {
  const sql = `-- The month whose amount no other exceeds.
select monthly.month, monthly.amount
from marts.best_months as best
join marts.fct_sales_monthly as monthly using (month)
where best.rank = 1
`;
  return sampleMart(sql, {
    name: "best_month",
    kind: "view",
    columns: ["month", "amount"],
    key: ["month"],
    reads: { "marts.best_months": null, "marts.fct_sales_monthly": null },
  });
}

/** All five, from the top down, so that nobody profits from the order. */
export async function shopMarts(): Promise<Mart[]> {
  return Promise.all([bestMonth(), monthsByRank(), bestMonths(), salesMonthly(), salesDaily()]);
}

/** Which projection writes which schema. */
export const schemas = { shop: "shop" };

/** What stands in marts_store and belongs to no registered mart. */
export async function leftovers(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(`
    select relname::text as text from pg_class where relnamespace = 'marts_store'::regnamespace and relkind in ('r', 'v', 'm')
    and relname ~ '__' and regexp_replace(relname, '__(definition|dirty)$', '') not in (select store from marts_store.mart)
    union all
    select proname::text from pg_proc where pronamespace = 'marts_store'::regnamespace
    and regexp_replace(proname, '__on_[0-9]+$', '') not in (select store from marts_store.mart)`);
  return rows.map(({ text }) => text);
}
