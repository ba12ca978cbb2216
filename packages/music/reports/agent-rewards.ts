import { matching, type Report, type ReportParams, reportRow } from "@jukebase/platform";
import { sql } from "slonik";
import { z } from "zod";

/** Which agents' devices are used most, month by month, and what that earns them. Source: seed question 2. */
export const agentRewards: Report = {
  name: "agent-rewards",
  title: "Agent rewards",
  description:
    "Plays per month on the devices that each agent allocated, counted for the allocation that held the device at the time of the play. " +
    "Agents are ranked within the month; what a rank is worth is a table of rules, and agents who tie share the amounts of their ranks. " +
    "Plays that no allocation can be named for are listed without an agent.",
  columns: [
    { name: "month", type: "date", description: "First day of the business month of the plays." },
    { name: "agent_id", type: "text", description: "The agent; empty for plays that nobody's allocation accounts for." },
    { name: "agent_name", type: "text", description: "Newest name of the agent." },
    { name: "plays", type: "integer", description: "Listenings that count." },
    { name: "rank", type: "integer", description: "Place in the month: ties share a place, and the next one is skipped." },
    { name: "reward", type: "money", description: "What the place is worth, shared among those who tie." },
    { name: "currency", type: "text", description: "ISO 4217 code of the reward." },
  ],
  grains: ["month"],
  defaultGrain: "month",
  filters: ["agent_id"],
  options: z.object({
    completed_only: z.stringbool().or(z.boolean()).default(false).describe("Count only listenings heard to the end."),
    sold_only: z.stringbool().or(z.boolean()).default(false).describe("Count only devices that are sold, not open allocations."),
    by: z
      .enum(["agent", "device"])
      .default("agent")
      .describe("agent: all of an agent's devices together; device: the most used one alone."),
  }),
  marts: ["fct_monthly_agent_plays", "dim_agents", "dim_agent_reward_rules"],
  chart: { kind: "line", x: "month", y: ["plays"], series: "agent_name" },
  // As platform.money does, but the digits are looked up once for each currency, not for each row.
  query: (params) => {
    const counted = sql.identifier(["plays", measureOf(params.options)]);
    return sql.type(reportRow)`
      with of_agents as (
        select plays.month, plays.agent_key, ${counted} as plays
        from marts.fct_monthly_agent_plays as plays
        where plays.agent_key <> platform.nobody() and ${counted} > 0 and ${months(params)}
      ),
      ranked as (
        select of_agents.month, dim_agents.agent_id, dim_agents.agent_name, of_agents.plays,
          rank() over (partition by of_agents.month order by of_agents.plays desc) as rank
        from of_agents
        join marts.dim_agents on dim_agents.agent_key = of_agents.agent_key
      ),
      tied as (
        select ranked.*,
          count(*) over (partition by month, rank) as n,
          row_number() over (partition by month, rank order by agent_id collate "C") as place
        from ranked
      ),
      rules as (
        select spans.month, rule.rank, rule.amount, rule.currency
        from (select distinct month from tied) as spans
        join marts.dim_agent_reward_rules as rule on rule.valid_from = (
          select max(valid_from) from marts.dim_agent_reward_rules where valid_from <= spans.month
        )
      ),
      pools as (
        select ties.month, ties.rank, rules.currency, sum(rules.amount) as amount, platform.minor_unit(rules.currency) as unit
        from (select distinct month, rank, n from tied) as ties
        join rules on rules.month = ties.month and rules.rank between ties.rank and ties.rank + ties.n - 1
        group by ties.month, ties.rank, rules.currency
      ),
      currencies as materialized (
        select month, currency, platform.currency_digits(currency) as digits
        from rules
        group by month, currency
      ),
      rewarded as (
        select tied.month, tied.agent_id, tied.agent_name, tied.plays, tied.rank,
          coalesce(
            (div(pools.amount, pools.unit * tied.n)
              + case when tied.place <= mod(div(pools.amount, pools.unit), tied.n) then 1 else 0 end) * pools.unit,
            0
          ) as reward,
          currencies.currency, currencies.digits
        from tied
        left join currencies on currencies.month = tied.month
        left join pools on pools.month = tied.month and pools.rank = tied.rank and pools.currency = currencies.currency
      ),
      unattributed as (
        select plays.month, null::text as agent_id, null::text as agent_name, ${unattributed(params.options)} as plays, null::bigint as rank,
          null::numeric as reward, null::text as currency, null::integer as digits
        from marts.fct_monthly_agent_plays as plays
        where plays.agent_key = platform.nobody() and ${unattributed(params.options)} > 0 and ${months(params)}
      ),
      listed as (
        select * from rewarded
        union all
        select * from unattributed
      )
      select month::text as month, agent_id, agent_name, plays::int as plays, rank::int as rank,
        round(reward, greatest(coalesce(digits, 2), scale(trim_scale(reward)))) as reward, currency
      from listed
      where ${matching({ agent_id: sql.fragment`agent_id` }, params)}
      order by month, rank nulls last, agent_id collate "C"`;
  },
};

// The mart has a column for each way of counting.
function measureOf({ by, sold_only, completed_only }: ReportParams["options"]): string {
  const words = [by === "device" && "most", sold_only && "sold", completed_only && "completed", "plays"];
  return words.filter((word) => word !== false).join("_");
}

// Nobody's plays are counted whole: there is no allocation that could be sold.
function unattributed({ completed_only }: ReportParams["options"]) {
  return sql.identifier(["plays", completed_only ? "completed_plays" : "plays"]);
}

// A month is asked for when any of its days is.
function months({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }) {
  const first = from === undefined ? sql.fragment`true` : sql.fragment`plays.month >= platform.period('month', ${from}::date)`;
  const last = to === undefined ? sql.fragment`true` : sql.fragment`plays.month <= ${to}::date`;
  return sql.fragment`${first} and ${last}`;
}
