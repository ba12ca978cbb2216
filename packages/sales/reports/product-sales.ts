import { matching, type Report, reportRow, within } from "@jukebase/platform";
import { sql } from "slonik";
import { z } from "zod";

/** Sales over time, one product against the others. Source: seed question 4. */
export const productSales: Report = {
  name: "product-sales",
  title: "Sales by product",
  description:
    "Devices sold over time, by product, by the day of the sale. With versus=rest, one product (MusicMaker3000 unless another is named) " +
    "stands against all others together.",
  columns: [
    { name: "period", type: "date", description: "First day of the period; empty when everything is one row." },
    { name: "product", type: "text", description: "Name of the product." },
    { name: "currency", type: "text", description: "ISO 4217 code of the amounts." },
    { name: "sales", type: "integer", description: "Devices sold." },
    { name: "revenue", type: "money", description: "Sum of their prices." },
  ],
  grains: ["all", "day", "week", "month", "quarter", "year"],
  defaultGrain: "month",
  filters: ["product", "currency", "agent_id", "customer_id"],
  options: z.object({
    product: z.string().default("MusicMaker3000").describe("The product to set against the others."),
    versus: z.enum(["each", "rest"]).default("each").describe("each: every product by its name; rest: the others as one."),
  }),
  marts: ["fct_sales"],
  chart: { kind: "line", x: "period", y: ["sales"], series: "product" },
  query: (params) => {
    const chosen = String(params.options.product ?? "MusicMaker3000");
    const name =
      params.options.versus === "rest"
        ? sql.fragment`case when product = ${chosen} then product else 'Others' end`
        : sql.fragment`product`;
    return sql.type(reportRow)`
      with daily as (
        select sold_on, ${name} as product, currency, count(*) as sales, sum(price) as revenue
        from marts.fct_sales
        where sold_on is not null and ${within(sql.fragment`sold_on`, params)} and ${matching(columns, params)}
        group by 1, 2, 3
      )
      select
        platform.period(${params.grain ?? "month"}, sold_on)::text as period,
        product,
        currency,
        sum(sales)::int as sales,
        platform.money(sum(revenue), currency) as revenue
      from daily
      group by 1, 2, 3
      order by 1, 2, 3`;
  },
};

const columns = {
  product: sql.fragment`product`,
  currency: sql.fragment`currency`,
  agent_id: sql.fragment`agent_id`,
  customer_id: sql.fragment`customer_id`,
};
