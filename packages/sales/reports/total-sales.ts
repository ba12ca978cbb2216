import { matching, type Report, reportRow, within } from "@jukebase/platform";
import { sql } from "slonik";
import { z } from "zod";

/** What was sold: how many devices, for how much, and what is still open. Source: seed question 1, a record of total sales. */
export const totalSales: Report = {
  name: "total-sales",
  title: "Total sales",
  description:
    "How many devices were sold, and for how much. A sale is an allocation whose payments reach its price; its date is the later of the " +
    "allocation and the payment that reached it. Until then it is open, with an outstanding amount, and counts on the day of its allocation.",
  columns: [
    { name: "period", type: "date", description: "First day of the period; empty when everything is one row." },
    { name: "currency", type: "text", description: "ISO 4217 code of the amounts." },
    { name: "allocations", type: "integer", description: "Devices allocated in the period." },
    { name: "sales", type: "integer", description: "Allocations that became sales in the period." },
    { name: "revenue", type: "money", description: "Sum of the prices of those sales." },
    { name: "open", type: "integer", description: "Allocations of the period that are not paid in full." },
    { name: "outstanding", type: "money", description: "What is still to be paid for them." },
  ],
  grains: ["all", "day", "week", "month", "quarter", "year"],
  defaultGrain: "all",
  filters: ["currency", "product", "agent_id", "customer_id"],
  options: z.object({}),
  marts: ["fct_sales"],
  chart: { kind: "bar", x: "period", y: ["sales"] },
  query: (params) => {
    const wanted = matching(columns, params);
    return sql.type(reportRow)`
      with dated as (
        select allocated_on as day, currency, count(*) as allocations, 0::bigint as sales, 0::numeric as revenue,
          count(*) filter (where status = 'open') as open, coalesce(sum(outstanding) filter (where status = 'open'), 0) as outstanding
        from marts.fct_sales
        where ${wanted}
        group by 1, 2
        union all
        select sold_on, currency, 0, count(*), sum(price), 0, 0
        from marts.fct_sales
        where sold_on is not null and ${wanted}
        group by 1, 2
      )
      select
        platform.period(${params.grain ?? "all"}, day)::text as period,
        currency,
        sum(allocations)::int as allocations,
        sum(sales)::int as sales,
        platform.money(sum(revenue), currency) as revenue,
        sum(open)::int as open,
        platform.money(sum(outstanding), currency) as outstanding
      from dated
      where ${within(sql.fragment`day`, params)}
      group by 1, 2
      order by 1, 2`;
  },
};

const columns = {
  currency: sql.fragment`currency`,
  product: sql.fragment`product`,
  agent_id: sql.fragment`agent_id`,
  customer_id: sql.fragment`customer_id`,
};
