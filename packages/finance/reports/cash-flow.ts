import { matching, type Report, reportRow, within } from "@jukebase/platform";
import { sql } from "slonik";
import { z } from "zod";

const grains = ["all", "day", "week", "month", "quarter", "year"] as const;
const period = {
  name: "period",
  type: "date",
  description: "First day of the period; empty when everything is one row.",
} as const;
const currency = { name: "currency", type: "text", description: "ISO 4217 code of the amounts." } as const;
const byCurrency = { currency: sql.fragment`currency` };

/** Cash that came in, over time. Source: seed question 3a. */
export const cashReceived: Report = {
  name: "cash-received",
  title: "Cash received",
  description:
    "Payments received, by the business day of their receipt. A payment that nobody can be named for counts, and is shown as unattributed.",
  columns: [
    period,
    currency,
    { name: "payments", type: "integer", description: "How many payments." },
    { name: "amount", type: "money", description: "What came in." },
    { name: "unattributed", type: "money", description: "The part of it that nobody can be named for." },
  ],
  grains,
  defaultGrain: "month",
  filters: ["currency"],
  options: z.object({}),
  marts: ["fct_daily_cash_received"],
  chart: { kind: "bar", x: "period", y: ["amount"], series: "currency" },
  query: (params) => sql.type(reportRow)`
    select
      platform.period(${params.grain ?? "month"}, received_on)::text as period,
      currency,
      sum(payments)::int as payments,
      platform.money(sum(amount), currency) as amount,
      platform.money(sum(unattributed), currency) as unattributed
    from marts.fct_daily_cash_received
    where ${within(sql.fragment`received_on`, params)} and ${matching(byCurrency, params)}
    group by 1, 2
    order by 1, 2`,
};

/** Cash that went out for devices, over time. Source: seed question 3b. */
export const cashSpent: Report = {
  name: "cash-spent",
  title: "Cash spent",
  description: "What devices were bought for, by the business day of their purchase.",
  columns: [
    period,
    currency,
    { name: "purchases", type: "integer", description: "How many devices." },
    { name: "amount", type: "money", description: "What went out." },
  ],
  grains,
  defaultGrain: "month",
  filters: ["currency"],
  options: z.object({}),
  marts: ["fct_daily_cash_spent"],
  chart: { kind: "bar", x: "period", y: ["amount"], series: "currency" },
  query: (params) => sql.type(reportRow)`
    select
      platform.period(${params.grain ?? "month"}, spent_on)::text as period,
      currency,
      sum(purchases)::int as purchases,
      platform.money(sum(amount), currency) as amount
    from marts.fct_daily_cash_spent
    where ${within(sql.fragment`spent_on`, params)} and ${matching(byCurrency, params)}
    group by 1, 2
    order by 1, 2`,
};

/** Cash received against cash expected. Source: seed question 3d. */
export const cashExpected: Report = {
  name: "cash-expected",
  title: "Cash expected",
  description:
    "What was due against what came in. An allocation's price is due on its day, or in instalments by its payment terms; received is all cash " +
    "of the period; outstanding is what was owed on allocated devices at the period's end.",
  columns: [
    period,
    currency,
    { name: "expected", type: "money", description: "What was due in the period." },
    { name: "received", type: "money", description: "What came in in the period." },
    { name: "net", type: "money", description: "Received less expected." },
    {
      name: "outstanding",
      type: "money",
      description: "Prices of devices allocated less payments applied to them, up to the period's end.",
    },
  ],
  grains,
  defaultGrain: "month",
  filters: ["currency"],
  options: z.object({}),
  marts: ["fct_daily_cash_expected"],
  chart: { kind: "line", x: "period", y: ["expected", "received", "outstanding"] },
  query: (params) => {
    const grain = params.grain ?? "month";
    const until = params.to === undefined ? sql.fragment`true` : sql.fragment`business_date <= ${params.to}::date`;
    const since = params.from === undefined ? sql.fragment`true` : sql.fragment`business_date >= ${params.from}::date`;
    const shown =
      params.from === undefined
        ? sql.fragment`true`
        : sql.fragment`(period is null or period >= platform.period(${grain}, ${params.from}::date))`;
    return sql.type(reportRow)`
      with daily as (
        select business_date, currency, expected, received, outstanding_change
        from marts.fct_daily_cash_expected
        where ${until} and ${matching(byCurrency, params)}
      ),
      spans as (
        select currency, min(business_date) as first_day,
          greatest(max(business_date), ${params.from ?? null}::date, ${params.to ?? null}::date) as last_day
        from daily
        group by currency
      ),
      spine as (
        select distinct spans.currency, platform.period(${grain}, day::date) as period
        from spans
        cross join lateral generate_series(first_day::timestamptz, last_day::timestamptz, interval '1 day') as day
      ),
      sums as (
        select platform.period(${grain}, business_date) as period, currency,
          sum(expected) filter (where ${since}) as expected, sum(received) filter (where ${since}) as received,
          sum(outstanding_change) as outstanding_change
        from daily
        group by 1, 2
      ),
      running as (
        select spine.period, spine.currency, coalesce(sums.expected, 0) as expected, coalesce(sums.received, 0) as received,
          sum(coalesce(sums.outstanding_change, 0)) over (partition by spine.currency order by spine.period) as outstanding
        from spine
        left join sums on sums.currency = spine.currency and coalesce(sums.period, 'infinity') = coalesce(spine.period, 'infinity')
      )
      select period::text as period, currency, platform.money(expected, currency) as expected, platform.money(received, currency) as received,
        platform.money(received - expected, currency) as net, platform.money(outstanding, currency) as outstanding
      from running
      where ${shown}
      order by period, currency`;
  },
};
